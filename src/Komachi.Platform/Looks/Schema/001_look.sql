-- How the town presents itself, as its desk decides. Here and not in the registry: backup, move and restore carry it like everything
-- that is the town's own, and what serves pages writes to no place that other towns share.
CREATE TABLE look.pictures (
    id uuid NOT NULL PRIMARY KEY,
    type text NOT NULL CHECK (type IN ('png', 'jpeg', 'webp')),
    width int NOT NULL CHECK (width > 0),
    height int NOT NULL CHECK (height > 0),
    bytes bytea NOT NULL,
    ended_at timestamptz);
COMMENT ON TABLE look.pictures IS 'Emblem and photo of the town: what passed the checks of files, for everybody to see';
COMMENT ON COLUMN look.pictures.ended_at IS 'When another took its place: pages that were made before still show it for a while';
CREATE INDEX pictures_ended ON look.pictures (ended_at) WHERE ended_at IS NOT NULL;

CREATE TABLE look.saved (
    id int NOT NULL PRIMARY KEY CHECK (id = 1),
    version int NOT NULL,
    colour text CHECK (colour ~ '^#[0-9a-f]{6}$'),
    emblem_id uuid REFERENCES look.pictures (id),
    emblem_says jsonb NOT NULL DEFAULT '{}',
    photo_id uuid REFERENCES look.pictures (id),
    photo_says jsonb NOT NULL DEFAULT '{}',
    office_name jsonb NOT NULL DEFAULT '{}',
    office_address jsonb NOT NULL DEFAULT '{}',
    office_telephone text NOT NULL DEFAULT '',
    office_hours jsonb NOT NULL DEFAULT '{}',
    footer_text jsonb NOT NULL DEFAULT '{}',
    footer_links jsonb NOT NULL DEFAULT '[]',
    CHECK (emblem_id IS NULL OR coalesce(emblem_says ->> 'ja', '') <> ''),
    CHECK (photo_id IS NULL OR coalesce(photo_says ->> 'ja', '') <> ''));
COMMENT ON TABLE look.saved IS 'One row: what the desk has decided; without a colour, or a name of the office, it is as town.yaml says';
COMMENT ON COLUMN look.saved.emblem_says IS 'What the picture shows, in words, for who does not see it';
COMMENT ON COLUMN look.saved.photo_says IS 'What the picture shows, in words, for who does not see it';
COMMENT ON COLUMN look.saved.footer_links IS 'Below every page: [{ text, href }]';
CREATE INDEX saved_emblem ON look.saved (emblem_id);
CREATE INDEX saved_photo ON look.saved (photo_id);
INSERT INTO look.saved (id, version) VALUES (1, 1);
