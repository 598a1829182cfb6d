#!/usr/bin/env bash
# Installs the tools that `npm run bench` measures beside Tenfold, and builds its servers, under .peers/ (Debian's packages
# excepted). What is there already stays; what cannot be had is said and skipped.
set -u
cd "$(dirname "$0")/../.."
here=$PWD/scripts/bench
peers=$PWD/.peers
mkdir -p "$peers/bin"
missing=()

renice -n 10 $$ >/dev/null

installed() { # and, of what is built from sources here, no older than they are
  [ -x "$peers/bin/$1" ] || return 1
  case $1 in
    bench-*) [ -z "$(find "$here/servers" "$here/echo.proto" -type f -newer "$peers/bin/$1")" ] ;;
  esac
}
of_the_system() { command -v "$1" >/dev/null 2>&1 || [ -x "/usr/sbin/$1" ]; }
try() { # try NAME COMMAND...: runs the command, quietly, unless NAME is there
  local name=$1 log=$peers/$1.log is_there=installed
  shift
  [ "$1" != debian ] || is_there=of_the_system
  if $is_there "$name"; then echo "there    $name"; return; fi
  if "$@" >"$log" 2>&1 && $is_there "$name"; then echo "new      $name"; return; fi
  echo "MISSING  $name: $(tail -n 1 "$log") ($log)"
  missing+=("$name")
}

debian() { # debian PACKAGE...
  local sudo=
  [ "$(id -u)" = 0 ] || sudo="sudo -n"
  $sudo env DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 apt-get install -y --no-install-recommends "$@" ||
    { $sudo apt-get update && $sudo env DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 apt-get install -y --no-install-recommends "$@"; }
}
go_tool() { GOFLAGS=-trimpath GOBIN=$peers/bin go install "$1"; }
cargo_tool() { cargo install --locked --root "$peers" "$1" --version "$2"; }
goose() { # its lock file stays out of the repository
  cp -r "$here/goose" "$peers/" && cargo build --release --manifest-path "$peers/goose/Cargo.toml" && cp "$peers/goose/target/release/goose-bench" "$peers/bin/"
}
gatling() { # with the flags of its own starter
  local at=$peers/gatling
  rm -rf "$at" && mkdir -p "$at" && mvn -q -B -f "$here/gatling/pom.xml" dependency:copy-dependencies -DoutputDirectory="$at/lib" &&
    javac -cp "$at/lib/*" -d "$at" "$here/gatling/Bench.java" && cp "$here/gatling/logback.xml" "$at/" &&
    cat >"$peers/bin/gatling" <<END && chmod +x "$peers/bin/gatling"
#!/bin/sh
exec java -Xmx1G -XX:MaxInlineLevel=20 -XX:MaxTrivialSize=12 --add-opens java.base/java.lang=ALL-UNNAMED \\
  -cp "$at:$at/lib/*" io.gatling.app.Gatling "\$@"
END
}
locust() { python3 -m venv "$peers/venv" && "$peers/venv/bin/pip" install --quiet locust==2.47.0 grpcio==1.85.1 grpcio-tools==1.85.1 && ln -sf ../venv/bin/locust "$peers/bin/locust"; }
npm_tool() { # npm_tool NAME@VERSION BIN
  local at=$peers/npm/$2
  mkdir -p "$at" && echo '{"private":true}' >"$at/package.json"
  npm install --prefix "$at" --ignore-scripts --no-audit --no-fund "$1" && ln -sf "$at/node_modules/.bin/$2" "$peers/bin/$2"
}
c_server() { gcc -O2 -Wall -o "$peers/bin/$1" "$here/servers/$1.c" -lm; }
nghttp2_server() { debian libnghttp2-dev && gcc -O2 -Wall -o "$peers/bin/bench-nghttp2" "$here/servers/bench-nghttp2.c" -lnghttp2; }
grpc_server() {
  local out=$peers/grpc-build
  mkdir -p "$out" && protoc -I "$here" --cpp_out="$out" --grpc_out="$out" --plugin=protoc-gen-grpc="$(command -v grpc_cpp_plugin)" echo.proto &&
    g++ -O2 -std=c++17 -I "$out" -o "$peers/bin/bench-grpc" "$here/servers/bench-grpc.cc" "$out"/echo.pb.cc "$out"/echo.grpc.pb.cc $(pkg-config --cflags --libs grpc++ protobuf)
}

try wrk debian wrk
try h2load debian nghttp2-client
try nginx debian nginx-light
try gcc debian gcc libc6-dev
try grpc_cpp_plugin debian g++ pkg-config libgrpc++-dev libprotobuf-dev protobuf-compiler protobuf-compiler-grpc
try bench-slow c_server bench-slow
try bench-ws c_server bench-ws
try bench-grpc grpc_server
try bench-nghttp2 nghttp2_server
try autocannon npm_tool autocannon@9.0.0 autocannon
try artillery npm_tool artillery@2.0.21 artillery
try locust locust
try hey go_tool github.com/rakyll/hey@v0.1.5
try ghz go_tool github.com/bojand/ghz/cmd/ghz@v0.93.0
try k6 go_tool go.k6.io/k6@v1.8.1
try oha cargo_tool oha 1.16.0
try goose-bench goose
try javac debian default-jdk-headless
try mvn debian maven
try gatling gatling

[ ${#missing[@]} = 0 ] || echo "The bench skips what needs: ${missing[*]}"
