"""PyTorch on the CPU at one thread, as bench/engines/torch.mjs asks: one JSON line in, one out.

It times itself with perf_counter_ns, in the turns that the harness gives it. Gradients are its backward formulas on
tensors, without the tape of autograd: what its C++ can do at best.
"""

import json
import sys
from time import perf_counter_ns

import numpy
import torch

torch.set_num_threads(1)
torch.set_grad_enabled(False)
F = torch.nn.functional


def cross_entropy(x, targets):
    """Loss and gradient through autograd, forward and backward."""
    x = x.detach().requires_grad_(True)
    with torch.enable_grad():
        loss = F.cross_entropy(x, targets)
    loss.backward()
    return [loss.detach(), x.grad]


def softmax_with_jvp(x, tangent):
    """It has no fused JVP; softmax's VJP is the same, as the Jacobian is symmetric."""
    y = torch.softmax(x, -1)
    return [y, torch._softmax_backward_data(tangent, y, -1, torch.float32)]


CALLS = {
    "softmax": lambda x: [torch.softmax(x[0], -1)],
    "softmaxTail": lambda x: [torch.softmax(x[0], -1)],
    "logSoftmax": lambda x: [torch.log_softmax(x[0], -1)],
    "logSumExp": lambda x: [torch.logsumexp(x[0], -1)],
    "softmaxVjp": lambda x: [torch._softmax_backward_data(x[1], x[0], -1, torch.float32)],
    "softmaxWithJvp": lambda x: softmax_with_jvp(x[0], x[1]),
    "crossEntropyWithGrad": lambda x: cross_entropy(x[0], x[1]),
    "crossEntropyWithGradSoft": lambda x: cross_entropy(x[0], x[1]),
    "softmaxJacobian": lambda x: [torch.diag_embed(x[0]) - x[0].unsqueeze(2) * x[0].unsqueeze(1)],
}


def read(spec):
    """An input from its file."""
    array = torch.from_numpy(numpy.fromfile(spec["file"], dtype=spec["type"]))
    return array.long() if spec["type"] == "int32" else array.reshape(spec["shape"])


def turn(call, turn_ms, sample_ms):
    """Samples of one turn: nanoseconds a call, several calls in a sample where they are short."""
    begin = perf_counter_ns()
    call()
    once = max(1, perf_counter_ns() - begin)
    batch = max(1, int(sample_ms * 1e6 / once))
    samples = []
    end = perf_counter_ns() + turn_ms * 1e6
    while not samples or perf_counter_ns() < end:
        begin = perf_counter_ns()
        for _ in range(batch):
            call()
        samples.append((perf_counter_ns() - begin) / batch)
    return samples


def main():
    call = None
    for line in sys.stdin:
        message = json.loads(line)
        if message["do"] == "version":
            answer = {"version": torch.__version__}
        elif message["do"] == "open":
            inputs = [read(spec) for spec in message["inputs"]]
            of = CALLS[message["op"]]
            call = lambda: of(inputs)  # noqa: E731
            for k, y in enumerate(call()):
                y.detach().to(torch.float32).reshape(-1).numpy().tofile(message["outputs"][k])
            answer = {"outputs": len(message["outputs"])}
        else:
            answer = {"samples": turn(call, message["turnMs"], message["sampleMs"])}
        print(json.dumps(answer), flush=True)


main()
