# The image of onestop: web service, nightly run and every other command.  docker build --tag onestop:0.1.0 .
# With text recognition for page images:  docker build --build-arg OCR="tesseract-ocr tesseract-ocr-chi-sim tesseract-ocr-chi-tra" ...
ARG PYTHON=3.11.13-slim-bookworm

FROM python:${PYTHON} AS made
WORKDIR /source
RUN python -m venv /usr/local/onestop
# Libraries first and by hash: they change less often than the source below, and Docker keeps this layer.
COPY requirements.lock ./
RUN /usr/local/onestop/bin/pip install --no-cache-dir --require-hashes --requirement requirements.lock
COPY . .
RUN /usr/local/onestop/bin/pip install --no-cache-dir --no-deps --no-build-isolation .

FROM python:${PYTHON}
ARG OCR=""
# openssl makes the certificate of a trial (deploy/compose/init.py); documents are printed with the fonts.
RUN apt-get update && apt-get install --yes --no-install-recommends openssl fonts-noto-cjk ${OCR} && rm -rf /var/lib/apt/lists/*
# A number, so that Kubernetes can see that it is not root; /workspace and /tls are volumes that this account writes to.
RUN groupadd --gid 10001 onestop \
    && useradd --uid 10001 --gid 10001 --no-create-home --home-dir /workspace --shell /usr/sbin/nologin onestop \
    && install --directory --owner=10001 --group=10001 --mode=0750 /workspace /tls
COPY --from=made /usr/local/onestop /usr/local/onestop
ENV PATH=/usr/local/onestop/bin:$PATH ONESTOP_WORKSPACE=/workspace PYTHONUNBUFFERED=1
USER 10001:10001
WORKDIR /workspace
EXPOSE 8501
HEALTHCHECK --interval=10s --timeout=6s --start-period=60s \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8501/ready', timeout=5)"]
ENTRYPOINT ["onestop"]
CMD ["serve", "--host", "0.0.0.0", "--port", "8501"]
