-- Sortition: the units that revisions {{.From}} to {{.To}} exposed to each variant, from
-- {{.Since.UTC.Format "2006-01-02T15:04:05Z"}} on. One row for each experiment, phase and variant. Runs as it is in {{.Dialect.Name}}.
SELECT
    experiment,
    phase,
    variant,
    count(DISTINCT unit_hash) AS units
FROM {{.Dialect.Exposures}}
WHERE NOT override AND revision BETWEEN {{.From}} AND {{.To}} AND {{millis "time"}} >= {{.Since.UnixMilli}}
GROUP BY experiment, phase, variant
ORDER BY experiment, phase, variant;
