# One image for every process of Counterpoise; docker-compose.yml says which command each container runs.
FROM python:3.13-slim AS build
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
RUN python -m venv /opt/counterpoise
COPY deploy/requirements.lock /tmp/requirements.lock
RUN /opt/counterpoise/bin/pip install --no-deps --require-hashes -r /tmp/requirements.lock

FROM python:3.13-slim
RUN groupadd --system --gid 10001 counterpoise \
 && useradd --system --uid 10001 --gid counterpoise --no-create-home --shell /usr/sbin/nologin counterpoise
COPY --from=build /opt/counterpoise /opt/counterpoise
WORKDIR /srv/counterpoise
COPY manage.py ./
COPY config config
COPY apps apps
COPY templates templates
COPY static static
COPY locale locale
ENV PATH=/opt/counterpoise/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    COUNTERPOISE_VAR=/srv/var
# The static files are part of the image; the keys sign and encrypt nothing here and are not kept.
RUN mkdir -p /srv/var /srv/kept && chown counterpoise /srv/kept && ENCRYPTION_KEYS=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA= \
 SECRET_KEY=only-for-collectstatic python manage.py collectstatic --no-input --verbosity 0 \
 && python -m compileall -q config apps
USER counterpoise
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=10s --start-period=60s CMD ["python", "-m", "config.healthcheck", "web"]
CMD ["gunicorn", "config.wsgi", "--config=python:config.server", "--bind=0.0.0.0:8000", "--workers=3"]
