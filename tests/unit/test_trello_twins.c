/*
 * The account in memory and the stand-in server are told the same, step by
 * step: each answer and everything that can be read afterwards must be the
 * same.  The server is written from the same documents, by other hands.
 */

#include "unit.h"

#include "trello_server.h"
#include "trello_twin.h"

#include "trello/local.h"
#include "trello/remote.h"
#include "util/buf.h"
#include "util/err.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define A "5e00000000000000000000a0"
#define LIST1 "5e00000000000000000000a1"
#define LIST2 "5e00000000000000000000a2"
#define SHUT "5e00000000000000000000a3"
#define CARD1 "5e00000000000000000000c1"
#define CARD2 "5e00000000000000000000c2"
#define CARD3 "5e00000000000000000000c3"
#define CARD4 "5e00000000000000000000c4"
#define RED "5e00000000000000000000d1"
#define GREEN "5e00000000000000000000d2"
#define NAMELESS "5e00000000000000000000d3"
#define ANN "5e00000000000000000000e1"
#define BOB "5e00000000000000000000e2"
#define F_TEXT "5e0000000000000000000f01"
#define F_NUMBER "5e0000000000000000000f02"
#define F_DATE "5e0000000000000000000f03"
#define F_BOX "5e0000000000000000000f04"
#define F_LIST "5e0000000000000000000f05"
#define OPTION "5e0000000000000000000f06"
#define CHECKLIST "5e0000000000000000000101"
#define ITEM1 "5e0000000000000000000111"
#define ITEM2 "5e0000000000000000000112"
#define COMMENT "5e0000000000000000000201"
#define LINK "5e0000000000000000000301"
#define B "5e00000000000000000000b0"
#define B_LIST1 "5e00000000000000000000b1"
#define B_LIST2 "5e00000000000000000000b2"
#define B_CARD "5e00000000000000000000bc"
#define B_RED "5e00000000000000000000bd"
#define NOBODY "5e00000000000000000000ff"

static const char board_a[] =
    "{'id':'" A "','name':'A','desc':'','shortLink':'AAAAaaaa',"
    "'dateLastActivity':'2020-01-01T00:00:00.000Z','lists':["
    "{'id':'" LIST1 "','name':'one','pos':16384},"
    "{'id':'" LIST2 "','name':'two','pos':32768},"
    "{'id':'" SHUT "','name':'shut','pos':1024,'closed':true}],'labels':["
    "{'id':'" RED "','name':'Red','color':'red'},"
    "{'id':'" GREEN "','name':'Green','color':'green'},"
    "{'id':'" NAMELESS "','name':'','color':'blue'}],'members':["
    "{'id':'" ANN "','username':'ann','fullName':'Ann'},"
    "{'id':'" BOB "','username':'bob','fullName':'Bob'}],'memberships':["
    "{'id':'5e0000000000000000000401','idMember':'" ANN "','memberType':"
    "'admin'},{'id':'5e0000000000000000000402','idMember':'" BOB
    "','memberType':'normal'}],'customFields':["
    "{'id':'" F_TEXT "','idModel':'" A "','name':'T','type':'text','pos':1},"
    "{'id':'" F_NUMBER "','idModel':'" A "','name':'N','type':'number','pos':"
    "2},{'id':'" F_DATE "','idModel':'" A "','name':'D','type':'date','pos':3}"
    ",{'id':'" F_BOX "','idModel':'" A "','name':'C','type':'checkbox','pos':"
    "4},{'id':'" F_LIST "','idModel':'" A "','name':'L','type':'list','pos':5,"
    "'options':[{'id':'" OPTION "','value':{'text':'x'},'pos':1}]}],'cards':["
    "{'id':'" CARD1 "','name':'first','desc':'old','idList':'" LIST1 "',"
    "'pos':16384,'idShort':1,'shortLink':'CARDone1','idLabels':['" RED
    "','" NAMELESS "'],'idMembers':['" ANN "','" BOB
    "'],'attachments':[{'id':'" LINK
    "','name':'link','url':'https://x.example/','bytes':null,'pos':16384,"
    "'isUpload':false}],'customFieldItems':[{'id':"
    "'5e0000000000000000000501','idCustomField':'" F_TEXT
    "','value':{'text':'value'}}]},"
    "{'id':'" CARD2 "','name':'second','desc':'','idList':'" LIST1
    "','pos':32768,'idShort':2,'shortLink':'CARDtwo2'},"
    "{'id':'" CARD3 "','name':'third','desc':'','idList':'" LIST2
    "','pos':5,'idShort':7,'shortLink':'CARDthr3','closed':true},"
    "{'id':'" CARD4 "','name':'fourth','desc':'','idList':'" LIST1
    "','pos':65536,'idShort':3,'shortLink':'CARDfou4','closed':true}],"
    "'checklists':[{'id':'" CHECKLIST "','idCard':'" CARD1 "','idBoard':'" A
    "','name':'Check','pos':16384,'checkItems':[{'id':'" ITEM1
    "','name':'i1','state':'incomplete','pos':16384},{'id':'" ITEM2
    "','name':'i2','state':'complete','pos':32768}]}],'actions':["
    "{'id':'" COMMENT "','type':'commentCard','idMemberCreator':'" ANN
    "','date':'2020-01-02T00:00:00.000Z','memberCreator':{'id':'" ANN
    "','username':'ann'},'data':{'text':'hers','card':{'id':'" CARD1
    "','name':'first','idShort':1,'shortLink':'CARDone1'},'board':{'id':'" A
    "','name':'A','shortLink':'AAAAaaaa'}}}]}";

static const char board_b[] =
    "{'id':'" B "','name':'B','desc':'about','shortLink':'BBBBbbbb',"
    "'dateLastActivity':'2020-01-01T00:00:00.000Z','lists':["
    "{'id':'" B_LIST2 "','name':'b two','pos':32768},"
    "{'id':'" B_LIST1 "','name':'b one','pos':16384}],'labels':["
    "{'id':'" B_RED "','name':'Red','color':'red'}],'members':["
    "{'id':'" BOB "','username':'bob','fullName':'Bob'}],'memberships':["
    "{'id':'5e0000000000000000000403','idMember':'" BOB
    "','memberType':'admin'}],'cards':["
    "{'id':'" B_CARD "','name':'there','desc':'','idList':'" B_LIST1
    "','pos':100.5,'idShort':40,'shortLink':'CARDbbbb'}]}";

#define STEP(call_, ...)                          \
	{                                         \
		.call = CALL_##call_, __VA_ARGS__ \
	}
#define P(...) .params = {__VA_ARGS__}

/* Creating cards. */
static const struct twin_step create_steps[] = {
    STEP(CARD_CREATE, .as = "c1", P({"idList", LIST1}, {"name", "plain"})),
    STEP(CARD_CREATE, .as = "c2",
	P({"idList", LIST1}, {"name", "  all \t of\r\nit  "},
	    {"desc", " kept \r\n\n"}, {"pos", "top"},
	    {"due", "2031-02-03T04:05:06.789Z"},
	    {"start", "2031-02-03T00:00:00.000Z"}, {"dueComplete", "true"},
	    {"idLabels", RED "," GREEN}, {"idMembers", BOB ",$me"})),
    STEP(CARD_CREATE, .as = "c3",
	P({"idList", LIST2}, {"name", "empty place is the top"}, {"pos", ""})),
    STEP(CARD_CREATE, .as = "c4",
	P({"idList", LIST2}, {"name", "top again"}, {"pos", "top"})),
    STEP(CARD_CREATE, .as = "c5",
	P({"idList", LIST2}, {"name", "between"}, {"pos", "10000.25"})),
    STEP(CARD_CREATE, .as = "c6",
	P({"idList", LIST2}, {"name", "no room"}, {"pos", "10000.255"})),
    STEP(CARD_CREATE, P({"idList", SHUT}, {"name", "in a closed list"})),
    STEP(CARD_CREATE, P({"idList", LIST1}, {"name", "^16384:x"})),
    STEP(CARD_CREATE, P({"idList", LIST1}, {"name", "^8192:\360\237\230\200"})),
    STEP(CARD_CREATE,
	P({"idList", LIST1}, {"name", "d"}, {"desc", "^16384:\342\202\254"})),
    STEP(CARD_CREATE,
	P({"idList", LIST1},
	    {"name", "\342\200\250\302\240 a  b \342\200\256c/\303\251 "})),
    /* Refused. */
    STEP(CARD_CREATE, P({"name", "no list"})),
    STEP(CARD_CREATE, P({"idList", "x"}, {"name", "bad list"})),
    STEP(CARD_CREATE, P({"idList", "CARDone1"}, {"name", "short list"})),
    STEP(CARD_CREATE, P({"idList", NOBODY}, {"name", "unknown list"})),
    STEP(CARD_CREATE, P({"idList", LIST1})),
    STEP(CARD_CREATE, P({"idList", LIST1}, {"name", ""})),
    STEP(CARD_CREATE, P({"idList", LIST1}, {"name", " \n\t "})),
    STEP(CARD_CREATE, P({"idList", LIST1}, {"name", "^16385:x"})),
    STEP(CARD_CREATE, P({"idList", LIST1}, {"name", "^8193:\360\237\230\200"})),
    STEP(
	CARD_CREATE, P({"idList", LIST1}, {"name", "x"}, {"desc", "^16385:x"})),
    STEP(CARD_CREATE, P({"idList", LIST1}, {"name", "x"}, {"pos", "-1"})),
    STEP(CARD_CREATE, P({"idList", LIST1}, {"name", "x"}, {"pos", "middle"})),
    STEP(CARD_CREATE, P({"idList", LIST1}, {"name", "x"}, {"due", "soon"})),
    STEP(CARD_CREATE,
	P({"idList", LIST1}, {"name", "x"}, {"dueComplete", "yes"})),
    STEP(CARD_CREATE, P({"idList", LIST1}, {"name", "x"}, {"idLabels", B_RED})),
    STEP(CARD_CREATE, P({"idList", LIST1}, {"name", "x"}, {"idLabels", "y"})),
    STEP(CARD_CREATE,
	P({"idList", LIST1}, {"name", "x"}, {"idMembers", NOBODY})),
};

/* Changing cards. */
static const struct twin_step update_steps[] = {
    STEP(CARD_UPDATE, .id = CARD1, P({"name", " new name "})),
    STEP(CARD_UPDATE, .id = CARD1, P({"name", "new name"})), /* no change */
    STEP(CARD_UPDATE, .id = "CARDone1",
	P({"desc", "one\r\n"}, {"due", "2031-02-03T04:05:06Z"},
	    {"start", "2031-02-03"}, {"dueComplete", "true"})),
    STEP(CARD_UPDATE, .id = CARD1, P({"desc", ""}, {"due", ""})),
    STEP(CARD_UPDATE, .id = CARD1, P({"desc", "two"}, {"start", "null"})),
    STEP(CARD_UPDATE, .id = CARD1, P({"pos", "bottom"})),
    STEP(CARD_UPDATE, .id = CARD1, P({"pos", "bottom"})), /* no change */
    STEP(CARD_UPDATE, .id = CARD1, P({"pos", "top"})),
    STEP(CARD_UPDATE, .id = CARD1, P({"pos", "32768.001"})), /* spreads */
    STEP(CARD_UPDATE, .id = CARD1, P({"closed", "true"})),
    STEP(CARD_UPDATE, .id = CARD1, P({"closed", "true"})),
    STEP(CARD_UPDATE, .id = CARD1, P({"closed", "false"}, {"pos", "top"})),
    STEP(CARD_UPDATE, .id = CARD4, P({"closed", "false"})),
    STEP(CARD_UPDATE, .id = CARD4, P({"idLabels", GREEN}, {"idMembers", ANN})),
    STEP(CARD_UPDATE, .id = CARD4, P({"idLabels", ""}, {"idMembers", ""})),
    STEP(CARD_UPDATE, .id = CARD2, P({"idList", LIST2})),
    STEP(CARD_UPDATE, .id = CARD2, P({"idList", LIST1}, {"pos", "bottom"})),
    STEP(CARD_UPDATE, .id = CARD2,
	P({"idList", LIST2}, {"name", "all at once"}, {"desc", "d"},
	    {"closed", "true"})),
    STEP(CARD_UPDATE, .id = CARD2, P({"idList", SHUT}, {"closed", "false"})),
    /* Refused, as a whole. */
    STEP(CARD_UPDATE, .id = CARD2, P({"name", "x"}, {"desc", "^16385:x"})),
    STEP(CARD_UPDATE, .id = CARD2, P({"name", "x"}, {"idList", B_LIST1})),
    STEP(CARD_UPDATE, .id = CARD2, P({"name", "x"}, {"idBoard", NOBODY})),
    STEP(CARD_UPDATE, .id = CARD2, P({"name", "x"}, {"closed", "1"})),
    STEP(CARD_UPDATE, .id = CARD2, P({"name", "x"}, {"idLabels", B_RED})),
    STEP(CARD_UPDATE, .id = CARD2, P({"name", ""})),
    STEP(CARD_UPDATE, .id = NOBODY, P({"name", "x"})),
    STEP(CARD_UPDATE, .id = "what", P({"name", "x"})),
    /* Deleted. */
    STEP(CARD_DELETE, .id = CARD4),
    STEP(CARD_DELETE, .id = CARD4),
    STEP(CARD_UPDATE, .id = CARD4, P({"name", "x"})),
    STEP(CARD_CREATE, .as = "next", P({"idList", LIST1}, {"name", "next"})),
};

/* To another board, and back. */
static const struct twin_step move_steps[] = {
    STEP(CARD_UPDATE, .id = CARD1, P({"idBoard", B}, {"idList", B_LIST2})),
    STEP(CARD_UPDATE, .id = CARD1,
	P({"idBoard", A}, {"idList", LIST2}, {"pos", "top"})),
    STEP(CARD_UPDATE, .id = CARD2, P({"idBoard", B})), /* its first list */
    STEP(CARD_UPDATE, .id = CARD3,
	P({"idBoard", B}, {"idList", B_LIST1}, {"name", "moved"},
	    {"idLabels", B_RED}, {"idMembers", "$me"}, {"closed", "false"})),
    STEP(CARD_UPDATE, .id = CARD3, P({"idBoard", B}, {"idList", LIST1})),
    STEP(CARD_UPDATE, .id = CARD3, P({"idBoard", "BBBBbbbb"})),
    STEP(LIST_MOVE, .id = LIST1, P({"value", B})),
    STEP(LIST_MOVE, .id = LIST2, P({"value", B}, {"pos", "top"})),
    STEP(LIST_MOVE, .id = LIST2, P({"value", B})), /* it is there */
    STEP(LIST_MOVE, .id = LIST2, P({"value", NOBODY})),
    STEP(LIST_MOVE, .id = LIST2),
    STEP(LIST_MOVE, .id = NOBODY, P({"value", A})),
    STEP(LIST_MOVE, .id = LIST2, P({"value", A})),
    STEP(CARD_CREATE, P({"idList", LIST1}, {"name", "the next number"})),
    STEP(CARD_CREATE, P({"idList", LIST2}, {"name", "the next number"})),
};

/* Labels, members, values. */
static const struct twin_step element_steps[] = {
    STEP(CARD_LABEL_ADD, .id = CARD1, P({"value", GREEN})),
    STEP(CARD_LABEL_ADD, .id = CARD1, P({"value", GREEN})),
    STEP(CARD_LABEL_ADD, .id = CARD1, P({"value", B_RED})),
    STEP(CARD_LABEL_ADD, .id = CARD1, P({"value", "red"})),
    STEP(CARD_LABEL_ADD, .id = CARD1),
    STEP(CARD_LABEL_ADD, .id = NOBODY, P({"value", GREEN})),
    STEP(CARD_LABEL_REMOVE, .id = CARD1, .id2 = RED),
    STEP(CARD_LABEL_REMOVE, .id = CARD1, .id2 = RED),
    STEP(CARD_LABEL_REMOVE, .id = CARD1, .id2 = "x"),
    STEP(CARD_MEMBER_ADD, .id = CARD2, P({"value", BOB})),
    STEP(CARD_MEMBER_ADD, .id = CARD2, P({"value", "$me"})),
    STEP(CARD_MEMBER_ADD, .id = CARD2, P({"value", BOB})),
    STEP(CARD_MEMBER_ADD, .id = CARD2, P({"value", NOBODY})),
    STEP(CARD_MEMBER_REMOVE, .id = CARD2, .id2 = BOB),
    STEP(CARD_MEMBER_REMOVE, .id = CARD2, .id2 = "$me"),
    STEP(CARD_MEMBER_REMOVE, .id = CARD2, .id2 = BOB),
#define VALUE(field, json_) \
	STEP(CARD_FIELD_SET, .id = CARD2, .id2 = field, .json = json_)
    VALUE(F_TEXT, "{\"value\":{\"text\":\"a \\\"b\\\" \\u20ac\"}}"),
    VALUE(F_TEXT, "{\"value\":{\"text\":\"another\"}}"),
    VALUE(F_NUMBER, "{\"value\":{\"number\":\"1.50\"}}"),
    VALUE(F_DATE, "{\"value\":{\"date\":\"2031-02-03T04:05:06.789Z\"}}"),
    VALUE(F_BOX, "{\"value\":{\"checked\":\"true\"}}"),
    VALUE(F_LIST, "{\"idValue\":\"" OPTION "\"}"),
    VALUE(F_TEXT, "{\"value\":\"\",\"idValue\":\"\"}"),
    VALUE(F_LIST, "{\"value\":\"\",\"idValue\":\"\"}"),
    VALUE(F_LIST, "{\"value\":\"\",\"idValue\":\"\"}"),
    VALUE(F_NUMBER, "{\"value\":{\"number\":\"many\"}}"),
    VALUE(F_NUMBER, "{\"value\":{\"text\":\"1\"}}"),
    VALUE(F_DATE, "{\"value\":{\"date\":\"soon\"}}"),
    VALUE(F_BOX, "{\"value\":{\"checked\":\"maybe\"}}"),
    VALUE(F_LIST, "{\"idValue\":\"" NOBODY "\"}"),
    VALUE(F_LIST, "{\"value\":{\"text\":\"x\"}}"),
    VALUE(NOBODY, "{\"value\":{\"text\":\"x\"}}"),
    VALUE(F_TEXT, "{\"value\":"),
    STEP(CARD_FIELD_SET, .id = B_CARD, .id2 = F_TEXT,
	.json = "{\"value\":{\"text\":\"x\"}}"),
};

/* Checklists and items. */
static const struct twin_step item_steps[] = {
    STEP(CHECKLIST_CREATE, .as = "k1", P({"idCard", CARD2})),
    STEP(CHECKLIST_CREATE, .as = "k2",
	P({"idCard", CARD2}, {"name", " K "}, {"pos", "top"})),
    STEP(CHECKLIST_CREATE, P({"idCard", CARD2}, {"name", ""})),
    STEP(CHECKLIST_CREATE, P({"idCard", CARD2}, {"name", " "})),
    STEP(CHECKLIST_CREATE, P({"idCard", NOBODY}, {"name", "x"})),
    STEP(CHECKLIST_CREATE, P({"name", "x"})),
    STEP(CHECKLIST_UPDATE, .id = "$k1", P({"name", "renamed"})),
    STEP(CHECKLIST_UPDATE, .id = "$k1", P({"name", "renamed"})),
    STEP(CHECKLIST_UPDATE, .id = "$k1", P({"pos", "top"})),
    STEP(CHECKLIST_UPDATE, .id = "$k2", P({"pos", "bottom"}, {"name", "B"})),
    STEP(CHECKLIST_UPDATE, .id = "$k2", P({"name", ""})),
    STEP(CHECKLIST_UPDATE, .id = NOBODY, P({"name", "x"})),
    STEP(ITEM_CREATE, .as = "i1", .id = "$k1", P({"name", "first"})),
    STEP(ITEM_CREATE, .as = "i2", .id = "$k1",
	P({"name", " second "}, {"checked", "true"}, {"pos", "top"})),
    STEP(ITEM_CREATE, .as = "i3", .id = "$k1",
	P({"name", "third"}, {"pos", "8192.001"})),
    STEP(ITEM_CREATE, .id = "$k1"),
    STEP(ITEM_CREATE, .id = "$k1", P({"name", ""})),
    STEP(ITEM_CREATE, .id = "$k1", P({"name", "x"}, {"checked", "complete"})),
    STEP(ITEM_CREATE, .id = NOBODY, P({"name", "x"})),
    STEP(ITEM_UPDATE, .id = CARD2, .id2 = "$i1", P({"state", "complete"})),
    STEP(ITEM_UPDATE, .id = CARD2, .id2 = "$i1", P({"state", "complete"})),
    STEP(ITEM_UPDATE, .id = CARD2, .id2 = "$i1",
	P({"state", "false"}, {"name", "again"})),
    STEP(ITEM_UPDATE, .id = CARD2, .id2 = "$i1", P({"pos", "top"})),
    STEP(ITEM_UPDATE, .id = CARD2, .id2 = "$i1", P({"pos", "bottom"})),
    STEP(ITEM_UPDATE, .id = CARD2, .id2 = "$i1",
	P({"idChecklist", "$k2"}, {"pos", "bottom"})),
    STEP(ITEM_UPDATE, .id = CARD2, .id2 = "$i2", P({"idChecklist", "$k2"})),
    STEP(ITEM_UPDATE, .id = CARD2, .id2 = "$i2", P({"idChecklist", "$k2"})),
    STEP(ITEM_UPDATE, .id = CARD2, .id2 = "$i2", P({"idChecklist", NOBODY})),
    STEP(ITEM_UPDATE, .id = CARD2, .id2 = "$i2", P({"state", "done"})),
    STEP(ITEM_UPDATE, .id = CARD2, .id2 = "$i2", P({"name", ""})),
    STEP(ITEM_UPDATE, .id = CARD2, .id2 = ITEM1, P({"state", "complete"})),
    STEP(ITEM_UPDATE, .id = CARD1, .id2 = ITEM1, P({"state", "complete"})),
    STEP(ITEM_DELETE, .id = "$k1", .id2 = "$i3"),
    STEP(ITEM_DELETE, .id = "$k1", .id2 = "$i3"),
    STEP(ITEM_DELETE, .id = "$k1", .id2 = "$i1"), /* it has moved */
    STEP(CHECKLIST_DELETE, .id = "$k2"),
    STEP(CHECKLIST_DELETE, .id = "$k2"),
    STEP(ITEM_UPDATE, .id = CARD2, .id2 = "$i1", P({"state", "complete"})),
};

/* Comments and links. */
static const struct twin_step part_steps[] = {
    STEP(COMMENT_CREATE, .as = "m1", .id = CARD1, P({"text", " said \n"})),
    STEP(COMMENT_CREATE, .as = "m2", .id = "CARDone1", P({"text", "more"})),
    STEP(COMMENT_CREATE, .id = CARD1, P({"text", ""})),
    STEP(COMMENT_CREATE, .id = CARD1),
    STEP(COMMENT_CREATE, .id = CARD1, P({"text", "^16385:x"})),
    STEP(COMMENT_CREATE, .id = NOBODY, P({"text", "x"})),
    STEP(COMMENT_UPDATE, .id = "$m1", P({"text", "said better"})),
    STEP(COMMENT_UPDATE, .id = "$m1", P({"text", ""})),
    STEP(COMMENT_UPDATE, .id = COMMENT, P({"text", "not mine"})),
    STEP(COMMENT_UPDATE, .id = NOBODY, P({"text", "x"})),
    STEP(COMMENT_DELETE, .id = "$m2"), STEP(COMMENT_DELETE, .id = "$m2"),
    STEP(COMMENT_DELETE, .id = COMMENT), /* an administrator may */
    STEP(LINK_CREATE, .as = "l1", .id = CARD1,
	P({"url", "https://y.example/?a=b&c"})),
    STEP(LINK_CREATE, .as = "l2", .id = CARD1,
	P({"url", "https://z.example/"}, {"name", " z "})),
    STEP(LINK_CREATE, .id = CARD1, P({"url", "z.example"})),
    STEP(LINK_CREATE, .id = CARD1, P({"name", "z"})),
    STEP(LINK_CREATE, .id = CARD1,
	P({"url", "https://z.example/"}, {"name", "^257:z"})),
    STEP(ATTACHMENT_DELETE, .id = CARD1, .id2 = "$l1"),
    STEP(ATTACHMENT_DELETE, .id = CARD1, .id2 = "$l1"),
    STEP(ATTACHMENT_DELETE, .id = CARD1, .id2 = LINK),
    STEP(CARD_UPDATE, .id = CARD1, P({"idBoard", B})), /* all comes along */
};

/* Lists and boards. */
static const struct twin_step list_steps[] = {
    STEP(LIST_CREATE, .as = "t1", P({"idBoard", A}, {"name", " first "})),
    STEP(LIST_CREATE, .as = "t2",
	P({"idBoard", A}, {"name", "last"}, {"pos", "bottom"})),
    STEP(LIST_CREATE, .as = "t3",
	P({"idBoard", A}, {"name", "no room"}, {"pos", "16384.001"})),
    STEP(LIST_CREATE, P({"idBoard", A}, {"name", ""})),
    STEP(LIST_CREATE, P({"idBoard", A})),
    STEP(LIST_CREATE, P({"name", "x"})),
    STEP(LIST_CREATE, P({"idBoard", NOBODY}, {"name", "x"})),
    STEP(LIST_CREATE, P({"idBoard", "AAAAaaaa"}, {"name", "x"})),
    STEP(LIST_UPDATE, .id = LIST1, P({"name", "renamed"})),
    STEP(LIST_UPDATE, .id = LIST1, P({"name", "renamed"})),
    STEP(LIST_UPDATE, .id = LIST1, P({"pos", "bottom"})),
    STEP(LIST_UPDATE, .id = LIST1, P({"pos", "top"}, {"name", "up"})),
    STEP(LIST_UPDATE, .id = LIST1, P({"closed", "true"})),
    STEP(LIST_UPDATE, .id = SHUT, P({"closed", "false"}, {"pos", "bottom"})),
    STEP(LIST_UPDATE, .id = SHUT, P({"name", " "})),
    STEP(LIST_UPDATE, .id = NOBODY, P({"name", "x"})),
    STEP(LIST_ARCHIVE_CARDS, .id = LIST1),
    STEP(LIST_ARCHIVE_CARDS, .id = LIST1),
    STEP(LIST_ARCHIVE_CARDS, .id = NOBODY),
    STEP(BOARD_CREATE, .as = "b1", P({"name", " new board "})),
    STEP(BOARD_CREATE, .as = "b2",
	P({"name", "with all"}, {"desc", " d\n"}, {"defaultLists", "true"},
	    {"defaultLabels", "true"})),
    STEP(BOARD_CREATE, P({"name", ""})),
    {.call = CALL_BOARD_CREATE},
    STEP(BOARD_CREATE, P({"name", "x"}, {"desc", "^16385:x"})),
    STEP(LIST_CREATE, .as = "t4", P({"idBoard", "$b1"}, {"name", "its list"})),
    STEP(CARD_CREATE, .as = "c1",
	P({"idList", "$t4"}, {"name", "its card"}, {"idMembers", "$me"})),
    STEP(BOARD_UPDATE, .id = "$b1", P({"name", "renamed"}, {"desc", "x"})),
    STEP(BOARD_UPDATE, .id = "$b1", P({"name", "renamed"}, {"desc", "x"})),
    STEP(BOARD_UPDATE, .id = "$b1", P({"closed", "true"})),
    STEP(BOARD_UPDATE, .id = "$b1", P({"closed", "false"})),
    STEP(BOARD_UPDATE, .id = "BBBBbbbb", P({"desc", ""})),
    STEP(BOARD_UPDATE, .id = B, P({"name", ""})),
    STEP(BOARD_UPDATE, .id = NOBODY, P({"name", "x"})),
};

/* The boards with " for '. */
static void
write_board(const char *text, char path[static 64])
{
	int fd;
	FILE *file;

	(void)snprintf(path, 64, "/tmp/trellofs-twin-XXXXXX");
	fd = mkstemp(path);
	assert_true(fd >= 0);
	file = fdopen(fd, "w");
	assert_non_null(file);
	for (; *text != '\0'; text++)
		(void)fputc(*text == '\'' ? '"' : *text, file);
	assert_int_equal(fclose(file), 0);
}

/* Show where two texts part. */
static void
check_same(const struct buf *local, const struct buf *server, size_t step)
{
	const char *a = buf_str(local), *b = buf_str(server);
	size_t i = 0, from;

	if (strcmp(a, b) == 0)
		return;
	while (a[i] == b[i])
		i++;
	from = i < 200 ? 0 : i - 200;
	print_message("# step %zu\n# memory: %.*s\n# server: %.*s\n", step, 400,
	    a + from, 400, b + from);
	fail();
}

/* What the push looks at when it is not sure. */
static void
compare_reads(struct twin *local, struct twin *server, size_t step)
{
	static const char *const lists[] = {LIST1, LIST2, SHUT, NOBODY};
	static const char *const filters[] = {"open", "closed", "all"};
	struct buf a = BUF_INIT, b = BUF_INIT;

	twin_desc_changes(local, CARD1, &a);
	twin_desc_changes(server, CARD1, &b);
	for (size_t i = 0; i < 4; i++)
		for (size_t j = 0; j < 3; j++) {
			twin_list_cards(local, lists[i], filters[j], &a);
			twin_list_cards(server, lists[i], filters[j], &b);
		}
	check_same(&a, &b, step);
	buf_free(&a);
	buf_free(&b);
}

static void
check_steps(const struct twin_step *steps, size_t n)
{
	static const char *const more[] = {
	    "--limit", "1000000/1000000/10", NULL};
	struct twin local, server;
	struct remote *remote = NULL;
	struct server process;
	struct buf a = BUF_INIT, b = BUF_INIT;
	const char *const boards[] = {board_a, board_b};

	if (!server_can_run())
		return;
	process = server_start(more);
	assert_int_equal(local_remote_new(&remote), 0);
	for (int i = 0; i < 2; i++) {
		char path[64], load[128];
		struct err err = {0};

		write_board(boards[i], path);
		(void)snprintf(load, sizeof load, "{\"path\":\"%s\"}", path);
		server_command(&process, "load", load);
		if (local_remote_add_export(remote, path, &err) != 0)
			fail_msg("%s", err.text);
		assert_int_equal(unlink(path), 0);
	}
	twin_init(&local, remote);
	twin_init(
	    &server, server_connect(&process, "http", NULL, SERVER_TOKEN));
	for (size_t i = 0; i < n; i++) {
		buf_clear(&a);
		buf_clear(&b);
		(void)twin_take(&local, &steps[i], &a);
		(void)twin_take(&server, &steps[i], &b);
		check_same(&a, &b, i);
	}
	compare_reads(&local, &server, n);
	server_check(&process);
	buf_free(&a);
	buf_free(&b);
	twin_fini(&local);
	twin_fini(&server);
	server_stop(&process);
}

#define TEST(name)                                                             \
	static void test_##name(void **state)                                  \
	{                                                                      \
		(void)state;                                                   \
		check_steps(                                                   \
		    name##_steps, sizeof name##_steps / sizeof *name##_steps); \
	}
TEST(create)
TEST(update)
TEST(move)
TEST(element)
TEST(item)
TEST(part)
TEST(list)

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_create),
    cmocka_unit_test(test_update),
    cmocka_unit_test(test_move),
    cmocka_unit_test(test_element),
    cmocka_unit_test(test_item),
    cmocka_unit_test(test_part),
    cmocka_unit_test(test_list),
};
UNIT_MAIN(tests)
