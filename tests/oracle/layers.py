"""Values and gradients of convolutions, pools, interpolation, normalisation and attention, in f64, from PyTorch.
Operand k of a case holds sin(1.3·i + 0.7·k + 0.2); gradients are those of Σ cos(i)·y.
Run: python3 tests/oracle/layers.py > tests/oracle/layers.json"""

import json

import torch
import torch.nn.functional as F

torch.set_default_dtype(torch.float64)


def mask(t, s):
    return torch.tensor([[(3 * i + 2 * j) % 5 != 0 for j in range(s)] for i in range(t)])


CASES = {
    "conv1d": (lambda x, w: F.conv1d(x, w, stride=2, padding=1, dilation=2), [[2, 3, 9], [4, 3, 3]]),
    "conv2d same": (lambda x, w: F.conv2d(x, w, padding="same", dilation=(1, 2)), [[1, 2, 5, 6], [3, 2, 3, 2]]),
    "conv2d groups": (lambda x, w: F.conv2d(x, w, stride=(2, 1), padding=1, groups=2), [[1, 4, 5, 4], [6, 2, 3, 3]]),
    "conv2d depthwise": (lambda x, w: F.conv2d(x, w, stride=2, padding=1, groups=3), [[2, 3, 6, 5], [3, 1, 3, 3]]),
    "conv2d depthwise twice": (
        lambda x, w: F.conv2d(x, w, padding=(2, 0), dilation=(2, 1), groups=2),
        [[1, 2, 5, 5], [4, 1, 3, 2]],
    ),
    "conv3d": (lambda x, w: F.conv3d(x, w, stride=(1, 2, 1), padding=(1, 0, 1)), [[1, 2, 3, 4, 3], [2, 2, 2, 2, 2]]),
    "convTranspose1d": (
        lambda x, w: F.conv_transpose1d(x, w, stride=3, padding=1, output_padding=2, dilation=2),
        [[2, 3, 4], [3, 2, 3]],
    ),
    "convTranspose2d": (
        lambda x, w: F.conv_transpose2d(x, w, stride=2, padding=(1, 0), output_padding=(1, 0), groups=2),
        [[1, 4, 3, 3], [4, 2, 3, 2]],
    ),
    "convTranspose2d depthwise": (
        lambda x, w: F.conv_transpose2d(x, w, stride=2, padding=1, output_padding=1, groups=3),
        [[1, 3, 3, 4], [3, 1, 3, 3]],
    ),
    "convTranspose3d": (lambda x, w: F.conv_transpose3d(x, w, stride=2), [[1, 2, 2, 2, 2], [2, 2, 2, 3, 2]]),
    "maxPool1d ceil": (lambda x: F.max_pool1d(x, 3, 2, padding=1, ceil_mode=True), [[2, 2, 8]]),
    "maxPool2d dilation": (lambda x: F.max_pool2d(x, (2, 3), (2, 1), padding=1, dilation=(2, 1)), [[1, 2, 7, 6]]),
    "maxPool3d": (lambda x: F.max_pool3d(x, 2, 2, ceil_mode=True), [[1, 2, 3, 4, 5]]),
    "averagePool2d": (lambda x: F.avg_pool2d(x, 3, 2, padding=1, count_include_pad=False), [[2, 2, 6, 7]]),
    "averagePool2d ceil": (
        lambda x: F.avg_pool2d(x, 3, 2, padding=1, ceil_mode=True, count_include_pad=True),
        [[1, 2, 6, 8]],
    ),
    "averagePool3d": (lambda x: F.avg_pool3d(x, 2), [[1, 2, 4, 3, 2]]),
    "lpPool1d": (lambda x: F.lp_pool1d(x.abs(), 3.0, 3, 2), [[1, 2, 9]]),
    "lpPool2d": (lambda x: F.lp_pool2d(x, 2.0, (2, 3)), [[1, 2, 5, 6]]),
    "adaptiveAveragePool1d": (lambda x: F.adaptive_avg_pool1d(x, 4), [[1, 2, 7]]),
    "adaptiveAveragePool2d": (lambda x: F.adaptive_avg_pool2d(x, (3, 2)), [[1, 2, 11, 4]]),
    "nearest": (lambda x: F.interpolate(x, (5, 9), mode="nearest"), [[1, 2, 3, 4]]),
    "nearest twice": (lambda x: F.interpolate(x, scale_factor=2, mode="nearest"), [[1, 2, 3, 4]]),
    "nearest exact": (lambda x: F.interpolate(x, (2, 7), mode="nearest-exact"), [[1, 2, 5, 4]]),
    "linear": (lambda x: F.interpolate(x, 7, mode="linear"), [[1, 2, 4]]),
    "bilinear": (lambda x: F.interpolate(x, (7, 3), mode="bilinear"), [[1, 2, 3, 5]]),
    "bilinear twice": (lambda x: F.interpolate(x, scale_factor=2, mode="bilinear"), [[1, 2, 3, 4]]),
    "bilinear corners": (lambda x: F.interpolate(x, (5, 7), mode="bilinear", align_corners=True), [[1, 2, 3, 4]]),
    "trilinear": (lambda x: F.interpolate(x, (3, 4, 3), mode="trilinear"), [[1, 1, 2, 3, 2]]),
    "localResponseNorm": (lambda x: F.local_response_norm(x, 4, alpha=0.3, beta=0.6, k=1.5), [[1, 7, 2, 3]]),
    "layerNorm": (lambda x, s, b: F.layer_norm(x, (3, 4), s, b, eps=1e-3), [[2, 3, 4], [3, 4], [3, 4]]),
    "rmsNorm": (lambda x, s: F.rms_norm(x, (5,), s, eps=1e-3), [[3, 5], [5]]),
    "groupNorm": (lambda x, s, b: F.group_norm(x, 2, s, b, eps=1e-3), [[2, 4, 3, 2], [4], [4]]),
    "instanceNorm": (lambda x, s, b: F.instance_norm(x, weight=s, bias=b, eps=1e-3), [[2, 3, 4, 2], [3], [3]]),
    "batchNorm": (
        lambda x, s, b: F.batch_norm(x, None, None, s, b, training=True, eps=1e-3),
        [[3, 2, 4, 2], [2], [2]],
    ),
    "attention": (lambda q, k, v: F.scaled_dot_product_attention(q, k, v), [[2, 3, 4], [2, 5, 4], [2, 5, 2]]),
    "attention causal": (
        lambda q, k, v: F.scaled_dot_product_attention(q, k, v, is_causal=True, scale=0.9),
        [[4, 3], [5, 3], [5, 2]],
    ),
    "attention mask": (
        lambda q, k, v: F.scaled_dot_product_attention(q, k, v, attn_mask=mask(3, 4)),
        [[2, 3, 2], [2, 4, 2], [2, 4, 3]],
    ),
    "attention bias": (
        lambda q, k, v, m: F.scaled_dot_product_attention(q, k, v, attn_mask=m),
        [[2, 3, 2], [2, 4, 2], [2, 4, 3], [3, 4]],
    ),
}

attention = torch.nn.MultiheadAttention(4, 2, batch_first=True)


def multi_head_attention(x, memory, w, b, out_w, out_b):
    parameters = {"in_proj_weight": w, "in_proj_bias": b, "out_proj.weight": out_w, "out_proj.bias": out_b}
    options = {"attn_mask": ~mask(3, 5), "need_weights": False}
    return torch.func.functional_call(attention, parameters, (x, memory, memory), options)[0]


LAYERS = {
    "convolution": (lambda x, w, b: F.conv2d(x, w, b, stride=2, padding=1).relu(), [[1, 2, 4, 5], [3, 2, 3, 3], [3]]),
    "transposedConvolution": (
        lambda x, w, b: F.conv_transpose2d(x, w, b, stride=2, padding=1, output_padding=1),
        [[1, 2, 3, 2], [2, 3, 3, 3], [3]],
    ),
    "groupNorm": CASES["groupNorm"],
    "instanceNorm": CASES["instanceNorm"],
    "layerNorm": (lambda x, s, b: F.layer_norm(x, (4,), s, b, eps=1e-3), [[2, 3, 4], [4], [4]]),
    "rmsNorm": CASES["rmsNorm"],
    "embedding": (lambda w: F.embedding(torch.tensor([[2, 0], [2, 4]]), w), [[5, 3]]),
    "multiHeadAttention": (multi_head_attention, [[2, 3, 4], [2, 5, 4], [12, 4], [12], [4, 4], [4]]),
}


def numbers(t):
    return [float(f"{v:.9g}") for v in t.flatten().tolist()]


def operand(shape, k):
    n = torch.Size(shape).numel()
    return torch.sin(1.3 * torch.arange(n) + 0.7 * k + 0.2).reshape(shape).requires_grad_()


def record(f, shapes):
    xs = [operand(shape, k) for k, shape in enumerate(shapes)]
    y = f(*xs)
    weights = torch.cos(torch.arange(y.numel(), dtype=torch.float64)).reshape(y.shape)
    gradients = torch.autograd.grad((y * weights).sum(), xs)
    return {
        "operands": shapes,
        "shape": list(y.shape),
        "y": numbers(y),
        "gradients": [numbers(g) for g in gradients],
    }


def lines(cases):
    return ",\n".join(f"{json.dumps(name)}: {json.dumps(record(*case))}" for name, case in cases.items())


print('{"source": "PyTorch ' + torch.__version__ + ', f64", "cases": {')
print(lines(CASES))
print('}, "layers": {')
print(lines(LAYERS))
print("}}")
