"""Long work asked of a server: each job runs once in effect, whoever dies on the way."""

from crossdock.platform.store.database.jobs.job import Job, Lease, LeaseLostError
from crossdock.platform.store.database.jobs.queue import Jobs

__all__ = ["Job", "Jobs", "Lease", "LeaseLostError"]
