# Wink as an image: `docker build -t wink .`. What it holds, how it is run, backed up and upgraded: docs/operations.md.

FROM node:24-slim AS front
WORKDIR /src/web/frontend
COPY web/frontend/package.json web/frontend/package-lock.json ./
RUN npm ci --ignore-scripts
COPY web/frontend/ ./
RUN node build.mjs

FROM python:3.11-slim AS build
WORKDIR /src
RUN python -m venv /opt/wink
COPY requirements/run.txt requirements/
RUN /opt/wink/bin/pip install --no-cache-dir --require-hashes --only-binary :all: -r requirements/run.txt
COPY pyproject.toml hatch_build.py README.md LICENSE ./
COPY engine/ engine/
COPY web/ web/
COPY connectors/ connectors/
COPY workflows/ workflows/
COPY --from=front /src/web/static/ web/static/
RUN /opt/wink/bin/pip install --no-cache-dir --no-deps --no-build-isolation .
RUN /opt/wink/bin/pip uninstall --yes hatchling uv pip

FROM python:3.11-slim
RUN useradd --system --uid 10001 --home-dir /var/lib/wink --shell /usr/sbin/nologin wink
RUN install --directory --owner wink --group wink --mode 0700 /var/lib/wink /var/lib/wink/data /var/lib/wink/workflows
COPY --from=build /opt/wink /opt/wink
ENV PATH=/opt/wink/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
ENV WINK_HOST=0.0.0.0 WINK_DATA=/var/lib/wink/data WINK_WORKFLOWS=/var/lib/wink/workflows WINK_LOG_FORMAT=json
USER wink
WORKDIR /var/lib/wink
VOLUME /var/lib/wink
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s \
    CMD ["python", "-c", "from urllib.request import urlopen; urlopen('http://127.0.0.1:8080/healthz', timeout=2)"]
STOPSIGNAL SIGTERM
ENTRYPOINT ["wink"]
CMD ["serve", "--no-examples"]
