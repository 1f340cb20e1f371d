complete --keep-order --exclusive --command ghl-bm --arguments "(GHL_BM_COMPLETE=fish ghl-bm -- (commandline --current-process --tokenize --cut-at-cursor) (commandline --current-token))"
