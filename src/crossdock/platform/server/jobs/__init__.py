"""Long work: a thread that runs jobs in processes of their own, and the routes to watch them."""

from crossdock.platform.server.jobs.routes import jobs_router
from crossdock.platform.server.jobs.runner import JobRunner
from crossdock.platform.server.jobs.work import JobDone, JobWork

__all__ = ["JobDone", "JobRunner", "JobWork", "jobs_router"]
