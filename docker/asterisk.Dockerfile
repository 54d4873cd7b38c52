# A sample Asterisk for compose.yaml. An office that has one already keeps it and needs only docker/Dockerfile.
#
# BASE: a Debian suite with Asterisk 22 (bookworm has none), or an image that holds an Asterisk already.
ARG BASE=debian:forky-slim
FROM ${BASE}
RUN command -v asterisk \
 || { apt-get update \
 && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends asterisk asterisk-config asterisk-modules \
 && rm -rf /var/lib/apt/lists/*; }
COPY --chmod=0755 docker/asterisk/start /usr/local/bin/start-asterisk
# The directory for what `failover init` writes, and the group by which Asterisk may read it: that of the router's image.
RUN groupadd --gid 10001 failover && usermod --append --groups failover asterisk
RUN install -d -o asterisk -g asterisk /etc/asterisk/failover /var/lib/asterisk
USER asterisk
VOLUME /var/lib/asterisk
ENTRYPOINT ["start-asterisk"]
