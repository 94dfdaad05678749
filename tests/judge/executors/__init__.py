"""Tests of the executors: processes that end, clusters that are not there."""
