# heyq in a container: one static binary, certificates, time zones, and nothing else.
#
#   docker build -t heyq --build-arg VERSION=$(git describe --tags --always --dirty) \
#     --build-arg COMMIT=$(git rev-parse HEAD) --build-arg TIME=$(git show -s --format=%cI) .
#
# deploy/container.sh makes the same layout in a folder; a test runs it there.

FROM --platform=$BUILDPLATFORM golang:1.26.8-bookworm AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
ARG TARGETOS TARGETARCH VERSION COMMIT TIME
RUN GOOS=$TARGETOS GOARCH=$TARGETARCH deploy/container.sh /root.heyq

FROM scratch
COPY --from=build --chown=65532:65532 /root.heyq /
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/
# Nobody: a number, so that Kubernetes can see that it is not root.
USER 65532:65532
# Port 8080 of every interface, since a container's loopback is its own. Set
# HEYQ_OPERATOR_TOKEN: the one that heyq makes else is in /data, where nobody looks.
ENV HEYQ_DIR=/data HEYQ_ADDR=:8080 HEYQ_LOG_FORMAT=json ZONEINFO=/zoneinfo.zip
# The spool of downloads. Media belong on S3, or on a volume of their own.
VOLUME /data
EXPOSE 8080
STOPSIGNAL SIGTERM
# Where a process has no API, set HEYQ_URL to where it answers (HEYQ_METRICS_ADDR).
HEALTHCHECK --interval=10s --timeout=6s --start-period=20s --retries=3 CMD ["/heyq", "ready"]
ENTRYPOINT ["/heyq"]
CMD ["up"]
