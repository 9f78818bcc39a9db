#!/usr/bin/env bash
# Installs the browsers that npm run check drives, from Debian's packages.
set -euo pipefail
packages=(
  chromium
  firefox-esr
  webkit2gtk-driver xvfb xauth # WebKitGTK: its MiniBrowser wants a display
  wpewebkit-driver cog         # WPE WebKit, without SIMD
)
as_root=()
if [ "$(id -u)" != 0 ]; then as_root=(sudo); fi
"${as_root[@]}" apt-get update -q
"${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -yq --no-install-recommends "${packages[@]}"
