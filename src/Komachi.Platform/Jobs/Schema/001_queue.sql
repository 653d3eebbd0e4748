-- Work to be done after a request; see Jobs/QueuedJob.cs for how a row lives.
CREATE TABLE jobs.queue (
    id uuid NOT NULL PRIMARY KEY,
    kind text NOT NULL,
    lane text NOT NULL DEFAULT '',
    payload jsonb NOT NULL,
    run_at timestamptz NOT NULL,
    attempt int NOT NULL,
    lease uuid,
    last_error text,
    dead_at timestamptz,
    created_at timestamptz NOT NULL);
COMMENT ON TABLE jobs.queue IS 'Jobs that wait, run or are parked';
CREATE INDEX queue_due ON jobs.queue (lane, run_at) WHERE dead_at IS NULL;
CREATE INDEX queue_dead ON jobs.queue (dead_at) WHERE dead_at IS NOT NULL;
-- The queue is short and changes all the time: clean it early, so that claiming stays fast.
ALTER TABLE jobs.queue SET (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_cost_delay = 0);

CREATE TABLE jobs.slots (
    kind text NOT NULL,
    due_at timestamptz NOT NULL,
    PRIMARY KEY (kind, due_at));
COMMENT ON TABLE jobs.slots IS 'Slots of schedules that were started';
