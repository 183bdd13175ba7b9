#!/usr/bin/env bash
# Builds the Dockerfile and runs what comes out, as root on a Debian with buildah and mmdebstrap, without a registry of images:
# its base is made here of packages of Debian and npm, with the certificates of this machine.
set -euo pipefail
cd "$(dirname "$0")/.."
export STORAGE_DRIVER=vfs BUILDAH_ISOLATION=chroot

major=$(sed -n 's/^ARG NODE=node:\([0-9]*\).*/\1/p' Dockerfile)
base=localhost/node:$major
certificates=/etc/ssl/certs/ca-certificates.crt
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

mmdebstrap --quiet --variant=minbase --include=ca-certificates bookworm "$scratch/debian.tar"
root=$scratch/root
node_package=node-$(node -p 'process.platform + "-" + process.arch')
npm install --prefix "$scratch/npm" --ignore-scripts "$node_package@$major" npm@latest
mkdir -p "$root/usr/local/lib/node_modules" "$root/usr/local/bin"
cp "$scratch/npm/node_modules/$node_package/bin/node" "$root/usr/local/bin/"
cp -r "$scratch/npm/node_modules/npm" "$root/usr/local/lib/node_modules/"
ln -s ../lib/node_modules/npm/bin/npm-cli.js "$root/usr/local/bin/npm"

container=$(buildah from scratch)
buildah add --quiet "$container" "$scratch/debian.tar" /
buildah add --quiet "$container" "$root" /
buildah copy --quiet "$container" "$certificates" "$certificates"
buildah run "$container" useradd --uid 1000 --create-home node
buildah config --env NODE_EXTRA_CA_CERTS="$certificates" --env PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin "$container"
buildah commit --quiet --rm "$container" "$base"

buildah bud --quiet --layers=false --build-arg NODE="$base" --tag cifar10-prune .

container=$(buildah from cifar10-prune)
buildah run --user node "$container" cifar10-prune --version
buildah run --user node "$container" cifar10-prune train --dataset=synthetic --max_steps=2 --batch_size=8 --train_dir=/tmp/run
buildah run --user node "$container" cifar10-prune strip --checkpoint_dir=/tmp/run --output_dir=/tmp/run
buildah rm "$container" >/dev/null
buildah rmi cifar10-prune "$base" >/dev/null
