dist_man_MANS += man/trellofs.1
