#!/usr/bin/env bash
# usage: study/report/echarts/get.sh
#
# Gets the charts library that reports carry inside, unchanged, from the npm package of
# the Apache project, and checks what has come. Run it after another VERSION or SHA256.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

VERSION=5.6.0
SHA256=55974cf42cc160e6cf9099cd3ed8cdedfaa9779919fcee7e2272c85f6ca30e27

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
(cd "$work" && npm pack --silent "echarts@$VERSION" && tar xzf "echarts-$VERSION.tgz")
echo "$SHA256  $work/package/dist/echarts.common.min.js" | sha256sum --check
cp "$work"/package/{dist/echarts.common.min.js,LICENSE,NOTICE,licenses/LICENSE-d3} .
chmod 644 echarts.common.min.js LICENSE NOTICE LICENSE-d3
