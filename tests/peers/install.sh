#!/usr/bin/env bash
# Installs programs of other people under target/peers, for the tests that call them or are called
# by them, at the versions that the manifests beside this file name.
#
#     tests/peers/install.sh [PEER...]    all of them, or those that are named; `go` is all of Go's
#
# A peer that is there is left as it is. One that cannot be installed, or not within its time, is
# told in a line and is no error: the tests that need it say that they are skipped.
set -u
cd "$(dirname "$0")/../.."
export here=$PWD/tests/peers into=$PWD/target/peers

of_go='grpc-go conformance h2spec grpcurl grpc-health-probe'
others='python node java'

# What it is made of, what it needs, and for how many seconds it may take. Go's share their modules
# and their time, so that all is over in some ten minutes.
describe() {
  case $1 in
    python) manifest=python/requirements.txt needs=python3 limit=240 folder=python ;;
    node) manifest=node/package.json needs=npm limit=180 folder=node ;;
    java) manifest='java/pom.xml java/*.java' needs='mvn javac' limit=240 folder=java ;;
    *) manifest='go/go.mod go/go.sum' needs=go limit=$((600 - SECONDS)) folder=go ;;
  esac
  stamp=$into/$folder/$1.stamp
  version=$(cd "$here" && cat install.sh $manifest | cksum)
}

build() {
  set -e
  case $1 in
    grpc-go) go_install google.golang.org/grpc/interop/{client,server} ;;
    conformance)
      go_install connectrpc.com/conformance/cmd/{connectconformance,{reference,grpc}{client,server}}
      ;;
    h2spec) go_install github.com/summerwind/h2spec/cmd/h2spec ;;
    grpcurl) go_install github.com/fullstorydev/grpcurl/cmd/grpcurl ;;
    grpc-health-probe) go_install github.com/grpc-ecosystem/grpc-health-probe ;;
    python)
      python3 -m venv "$into/python"
      "$into/python/bin/pip" install --quiet --disable-pip-version-check --no-compile \
        --requirement "$here/python/requirements.txt"
      ;;
    node)
      mkdir -p "$into/node"
      cp "$here/node/package.json" "$into/node"
      npm install --prefix "$into/node" --no-package-lock --no-audit --no-fund
      ;;
    java)
      mvn --quiet --batch-mode --file "$here/java/pom.xml" dependency:copy-dependencies \
        -DoutputDirectory="$into/java/lib"
      javac -cp "$into/java/lib/*" -d "$into/java/classes" "$here"/java/*.java
      ;;
  esac
}

go_install() {
  cd "$here/go"
  GOBIN=$into/go/bin go install -ldflags='-s -w' "$@"
}

export -f build go_install

install() {
  local manifest needs limit folder stamp version need why log=$into/$1.log started=$SECONDS
  describe "$1"
  for need in timeout $needs; do
    command -v "$need" > /dev/null || { echo "peer $1: not installed: no $need"; return; }
  done
  if [ "$(cat "$stamp" 2> /dev/null)" = "$version" ]; then
    echo "peer $1: there"
    return
  fi
  # No half of an older one stays. Go replaces whole programs.
  if [ "$folder" != go ]; then rm -rf "${into:?}/$folder"; fi
  rm -f "$stamp"
  timeout --kill-after=5 "$((limit > 1 ? limit : 1))" bash -c 'build "$1"' build "$1" > "$log" 2>&1 < /dev/null
  case $? in
    0)
      echo "$version" > "$stamp"
      rm -f "$log"
      echo "peer $1: $((SECONDS - started)) s"
      return
      ;;
    124 | 137) echo "peer $1: not installed: took over $((SECONDS - started)) s" ;;
    *)
      why=$({ grep -im1 error "$log" || tail -n1 "$log"; } | cut -c1-200)
      echo "peer $1: not installed: $why"
      ;;
  esac
  if [ "$folder" != go ]; then rm -rf "${into:?}/$folder"; fi
}

asked=
for name in ${*:-$of_go $others}; do
  if [ "$name" = go ]; then name=$of_go; fi
  case " $of_go $others " in
    *" $name "*) asked="$asked $name" ;;
    *) echo "no peer is called $name; there are: go $of_go $others" >&2; exit 2 ;;
  esac
done

each() {
  local name
  for name; do
    case " $asked " in *" $name "*) install "$name" ;; esac
  done
}

mkdir -p "$into/go"
# Go's share their caches. The others share nothing, and wait for the network mostly.
each $of_go &
each $others
wait

missing=
for name in $asked; do
  describe "$name"
  [ "$(cat "$stamp" 2> /dev/null)" = "$version" ] || missing="$missing $name"
done
echo "peers missing:${missing:- none}"
