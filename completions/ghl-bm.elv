
set edit:completion:arg-completer[ghl-bm] = { |@words|
    var index = (count $words)
    set index = (- $index 1)

    put (env _CLAP_IFS="\n" _CLAP_COMPLETE_INDEX=(to-string $index) GHL_BM_COMPLETE="elvish" ghl-bm -- $@words) | to-lines
}

