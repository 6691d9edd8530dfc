CREATE INDEX remediation_started_at ON remediation (started_at);
