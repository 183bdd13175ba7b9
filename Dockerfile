# docker build --tag cifar10-prune .
# docker run --rm --init --volume "$PWD:/work" --user "$(id -u):$(id -g)" cifar10-prune demo
ARG NODE=node:24-slim

FROM ${NODE} AS build
WORKDIR /source
COPY . .
RUN npm ci && mkdir /packed && npm pack --ignore-scripts --pack-destination /packed

FROM ${NODE}
# npm's cache stays out of the image.
RUN --mount=type=bind,from=build,source=/packed,target=/packed \
    npm install --global --omit=dev --cache=/tmp/npm /packed/cifar10-prune-*.tgz sharp \
    && rm -rf /tmp/npm
USER node
WORKDIR /work
ENTRYPOINT ["cifar10-prune"]
CMD ["--help"]
