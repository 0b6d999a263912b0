"""Which shard a read goes to first."""

import numpy as np

from simulator.components.request import Request
from simulator.design import Keys, Store
from simulator.draws import Draws, PerVisit
from simulator.sharding import shards_of


class Shards:
    """A read goes to the shard of its key.

    With a hot shard, that share of the reads goes to shard 0 and the rest evenly to the others. Else, where it is known
    what requests ask for, every key has its shard by a hash of its rank. Else keys are so many that reads spread
    evenly.
    """

    def __init__(self, name: str, part: Store, keys: Keys | None, draws: Draws):
        self._shards, self._hot = part.shards, part.hot_shard_share
        self._by_key = keys is not None and part.hot_shard_share is None
        self._of_rank: dict[int, int] = {}
        self._luck = PerVisit(lambda visit: draws.uniforms(f"{name}/shard", visit))

    def first(self, request: Request) -> int:
        """The shard of the request's key; all its attempts go there, and copies to the shards after it."""
        if self._by_key:
            return self._shard_of(request.rank)
        luck = self._luck.of(request.index, request.key)
        if self._hot is None or self._shards == 1:
            return int(luck * self._shards)
        if luck < self._hot:
            return 0
        return 1 + int((luck - self._hot) / (1 - self._hot) * (self._shards - 1))

    def _shard_of(self, rank: int) -> int:
        if rank not in self._of_rank:
            self._of_rank[rank] = int(shards_of(np.array([rank]), self._shards)[0])
        return self._of_rank[rank]
