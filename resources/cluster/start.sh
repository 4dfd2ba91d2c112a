#!/bin/sh
# Trains on all cards of this computer, or on its processor: sh start.sh
# PYTHON: the Python that has requirements.txt. PROCESSES: one for each card where it is left out.
cd "$(dirname "$0")" || exit 1
PYTHON=${PYTHON:-python3}
PROCESSES=${PROCESSES:-$("$PYTHON" -c 'import torch; print(max(1, torch.cuda.device_count()))')} || exit 1
# otherwise processes that are started again may find the addresses of those before them
export TORCH_DISABLE_SHARE_RDZV_TCP_STORE=1
exec "$PYTHON" -m torch.distributed.run --standalone --nproc-per-node "$PROCESSES" --max-restarts 3 train.py
