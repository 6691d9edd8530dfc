CREATE TABLE remediation (id uuid PRIMARY KEY, started_at timestamptz NOT NULL);
