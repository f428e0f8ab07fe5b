# keysift alone, in an image without a shell, a package manager or root. Two ways to make it:
#
#   docker build --target built .       compiles it
#   docker build --target released .    takes image/ARCH/keysift, which the release unpacks there
#
# It runs as nobody in particular, and reads what is mounted: docker run --rm --network none -v "$PWD:/work:ro" IMAGE scan
# `keysift ci` fetches with git, which this image does not have: give it the whole history.

FROM rust:1-alpine AS build
RUN apk add --no-cache musl-dev
WORKDIR /keysift
COPY . .
# Alpine's Rust links statically.
RUN cargo build --release --locked

FROM scratch AS built
COPY --from=build /keysift/target/release/keysift /keysift
USER 65532:65532
WORKDIR /work
ENTRYPOINT ["/keysift"]

FROM scratch AS released
ARG TARGETARCH
COPY image/${TARGETARCH}/keysift /keysift
USER 65532:65532
WORKDIR /work
ENTRYPOINT ["/keysift"]
