"""The images of a lab's Glance: the same each time, no two alike, and their hashes are those of the files."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

from lab.glance import population


def test_the_files_have_the_recorded_hashes_and_the_sparse_ones_their_holes(tmp_path: Path) -> None:
    wanted = population.specimens(20, 6 << 20)
    seen = set()
    for one in wanted:
        path = tmp_path / one.id
        population.write(one, str(path))
        content, made = path.read_bytes(), population.recorded(one)
        seen.add(made.sha512)
        assert (len(content), made.size) == (one.size, one.size)
        assert hashlib.sha512(content).hexdigest() == made.sha512, one
        assert hashlib.md5(content).hexdigest() == made.md5, one
        if one.sparse:
            assert 8 * os.stat(path).st_blocks * 512 < 3 * one.size, "three quarters are a hole"
    assert len(seen) == len(wanted), "no two images are alike"
    assert population.specimens(20, 6 << 20) == wanted, "both sides make the same list"


def test_they_are_of_mixed_sizes_and_of_so_many_bytes_in_all() -> None:
    sizes = [one.size for one in population.specimens(200, 2_000_000_000)]
    assert 0.99 * 2_000_000_000 < sum(sizes) <= 2_000_000_000
    assert max(sizes) > 50 * min(sizes)
    assert len(set(sizes)) == len(sizes), "no size fits two images, so that a mix-up shows"
