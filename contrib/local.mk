EXTRA_DIST += contrib/try contrib/check contrib/packages.sh .ci/run
