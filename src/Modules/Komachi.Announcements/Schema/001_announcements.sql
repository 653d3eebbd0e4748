-- Announcements of the town, in up to three languages each.
-- Trigrams find a word inside a text. The extension is a trusted one: who owns the database may add it.
CREATE EXTENSION IF NOT EXISTS pg_trgm WITH SCHEMA public;

CREATE TABLE announcements.announcements (
    id uuid NOT NULL PRIMARY KEY,
    key text,
    state text NOT NULL CHECK (state IN ('Draft', 'Published', 'Withdrawn')),
    category text NOT NULL CHECK (category IN ('Life', 'Childcare', 'Health', 'Disaster', 'Tax', 'Work', 'Events', 'Government')),
    urgency text NOT NULL CHECK (urgency IN ('Normal', 'Important', 'Emergency')),
    department text NOT NULL,
    title jsonb NOT NULL CHECK (coalesce(title ->> 'ja', '') <> ''),
    body jsonb NOT NULL CHECK (coalesce(body ->> 'ja', '') <> ''),
    said_in text[] NOT NULL,
    search_key text NOT NULL,
    publish_at timestamptz,
    until_at timestamptz,
    withdrawn_at timestamptz,
    closed_at timestamptz GENERATED ALWAYS AS (CASE state WHEN 'Withdrawn' THEN withdrawn_at WHEN 'Published' THEN until_at END) STORED,
    author_id uuid,
    created_at timestamptz NOT NULL,
    changed_at timestamptz NOT NULL,
    version int NOT NULL,
    announced_at timestamptz,
    author_told_at timestamptz,
    CHECK (state = 'Draft' OR publish_at IS NOT NULL),
    CHECK ((state = 'Withdrawn') = (withdrawn_at IS NOT NULL)),
    CHECK (until_at > publish_at));
COMMENT ON TABLE announcements.announcements IS 'What the town says: drafts, what is out or will be, and what is over';

CREATE UNIQUE INDEX announcements_key ON announcements.announcements (key);

-- What residents read, newest first: one page costs the same wherever it lies in the list.
CREATE INDEX announcements_newest ON announcements.announcements (publish_at DESC, id DESC) WHERE state = 'Published';
CREATE INDEX announcements_category_newest ON announcements.announcements (category, publish_at DESC, id DESC) WHERE state = 'Published';

-- Asked for every page of the town, once a second.
CREATE INDEX announcements_emergencies ON announcements.announcements (publish_at) WHERE state = 'Published' AND urgency = 'Emergency';

-- The desk's other shelves.
CREATE INDEX announcements_drafts ON announcements.announcements (changed_at DESC, id DESC) WHERE state = 'Draft';
CREATE INDEX announcements_closed ON announcements.announcements (closed_at DESC, id DESC) WHERE closed_at IS NOT NULL;

CREATE INDEX announcements_search ON announcements.announcements USING gin (search_key public.gin_trgm_ops);
