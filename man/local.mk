dist_man_MANS += man/trellofs.1 man/trellofs.conf.5 man/trellofs-card.5 man/trellofs-fs.7
