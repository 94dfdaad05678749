"""Adam compiled: the rule of `adamref.step` for processors (`cpu`), for CUDA (`cuda`), for rows kept back (`deferred`).

All give the same bits as the reference. Nothing here is imported before it is asked for.
"""
