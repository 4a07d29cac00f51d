"""Trello's object limits, as boards, lists and cards report them."""


def _limit(disable):
    return {'status': 'ok', 'disableAt': disable, 'warnAt': disable * 4 // 5}


CARD = {'attachments': {'perCard': _limit(1000)},
        'checklists': {'perCard': _limit(500)},
        'stickers': {'perCard': _limit(70)}}
LIST = {'cards': {'openPerList': _limit(5000),
                  'totalPerList': _limit(1000000)}}
CHECKLIST = {'checkItems': {'perChecklist': _limit(200)}}
FIELD = {'customFieldOptions': {'perField': _limit(50)}}
COMMENT = {'reactions': {'perAction': _limit(900),
                         'uniquePerAction': _limit(17)}}
BOARD = {
    'attachments': {'perBoard': _limit(36000), 'perCard': _limit(1000)},
    'boards': {'totalMembersPerBoard': _limit(1600),
               'totalAccessRequestsPerBoard': _limit(4000)},
    'cards': {'openPerBoard': _limit(5000), 'openPerList': _limit(5000),
              'totalPerBoard': _limit(2000000),
              'totalPerList': _limit(1000000)},
    'checklists': {'perBoard': _limit(1800000), 'perCard': _limit(500)},
    'checkItems': {'perChecklist': _limit(200)},
    'customFields': {'perBoard': _limit(50)},
    'customFieldOptions': {'perField': _limit(50)},
    'labels': {'perBoard': _limit(1000)},
    'lists': {'openPerBoard': _limit(500), 'totalPerBoard': _limit(3000)},
    'stickers': {'perCard': _limit(70)},
    'reactions': {'perAction': _limit(900), 'uniquePerAction': _limit(17)}}
