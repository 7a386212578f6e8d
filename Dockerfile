# The hub in a container: docker build -t ai-demo-hub . && docker run -p 7860:7860 -v hub:/home/hub/.cache ai-demo-hub
FROM python:3.11.7-slim-bookworm

RUN useradd --create-home --uid 1000 hub
USER 1000
# The volume takes its owner from this folder.
RUN mkdir -p /home/hub/.cache
WORKDIR /home/hub/app
ENV PATH=/home/hub/.local/bin:$PATH \
    GRADIO_SERVER_NAME=0.0.0.0 \
    GRADIO_SERVER_PORT=7860

COPY --chown=1000 requirements.txt ./
RUN pip install --user --no-cache-dir --requirement requirements.txt
COPY --chown=1000 app.py README.md README.zh.md LICENSE NOTICE ./
COPY --chown=1000 demos demos
COPY --chown=1000 models models
COPY --chown=1000 assets assets

EXPOSE 7860
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:7860/').close()"]
CMD ["python", "app.py"]
