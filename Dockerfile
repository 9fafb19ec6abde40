# syntax=docker/dockerfile:1
# One image for web, worker, beat and migrate; docker-compose.yml gives each its command.

FROM node:22-bookworm-slim AS assets
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --ignore-scripts --no-audit --no-fund

FROM python:3.11-slim-bookworm AS libraries
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
COPY requirements.lock .
RUN python -m venv /opt/venv \
    && /opt/venv/bin/pip install --require-hashes --no-deps -r requirements.lock

FROM python:3.11-slim-bookworm AS portal
ENV PATH=/opt/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 CUSTOS_DATA=/data
RUN groupadd --system --gid 10001 custos \
    && useradd --system --uid 10001 --gid custos --home-dir /nonexistent --shell /usr/sbin/nologin custos \
    && install -d -o custos -g custos -m 0750 /data /data/incoming /data/checkpoints /data/keys /data/queue /data/vault
WORKDIR /app
COPY --from=libraries /opt/venv /opt/venv
COPY --from=assets /app/node_modules node_modules
COPY manage.py pyproject.toml ./
COPY deploy deploy
COPY portal portal
COPY records records
COPY reports reports
COPY templates templates
# The assets are named by their content here, once: the running containers cannot write to the image. The key signs
# nothing; it only lets the settings load while the image is built.
ENV CUSTOS_STATIC=/app/static
RUN SECRET_KEY=only-while-the-image-is-built-no-session-or-signature-uses-it CUSTOS_PRODUCTION=true \
    CUSTOS_HOSTS=build DATABASE_URL=postgres://build@localhost/build REDIS_URL=redis://localhost \
    python manage.py collectstatic --noinput --verbosity 0
USER custos
EXPOSE 8000
VOLUME ["/data"]
CMD ["python", "-m", "gunicorn", "--config", "deploy/gunicorn.conf.py", "--bind", "0.0.0.0:8000"]
