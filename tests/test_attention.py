"""One door for attention: SDPA, or the same in plain arithmetic where SDPA refuses."""

from __future__ import annotations

import logging

import pytest
import torch

from wan_core import attention


@pytest.mark.parametrize(("queries", "keys"), [(7, 7), (5, 12), (2100, 3)])
def test_plain_arithmetic_is_the_same_function(queries: int, keys: int) -> None:
    torch.manual_seed(0)
    q, k, v = torch.randn(2, queries, 3, 16), torch.randn(2, keys, 3, 16), torch.randn(2, keys, 3, 16)
    plain = attention._plain(q.transpose(1, 2), k.transpose(1, 2), v.transpose(1, 2)).transpose(1, 2)
    torch.testing.assert_close(plain, attention.attend(q, k, v), rtol=1e-5, atol=1e-6)


def test_plain_arithmetic_is_used_with_one_log_line_when_sdpa_refuses(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def refuse(*_: object) -> None:
        raise RuntimeError("No available kernel. Aborting execution.")

    monkeypatch.setattr("torch.nn.functional.scaled_dot_product_attention", refuse)
    q = torch.randn(1, 4, 2, 8)
    attention.attend(q, q, q)
    attention.attend(q, q, q)
    assert [r.levelno for r in caplog.records] == [logging.WARNING]
    assert "No available kernel" in caplog.text


def test_the_log_says_backend_dtype_and_shape_once(caplog: pytest.LogCaptureFixture) -> None:
    attention._say_backend.cache_clear()
    attention._say_config.cache_clear()
    with caplog.at_level(logging.INFO):
        attention.announce(torch.bfloat16, 2, 420, 420)
        attention.announce(torch.bfloat16, 2, 420, 420)
    first, second = caplog.messages
    assert first.startswith("[Attention] Using PyTorch SDPA")
    assert second == (
        "[Attention] Config: backend=sdpa, dtype=bfloat16, mode=inference, shape=[B=2, Lq=420, Lk=420]"
    )
