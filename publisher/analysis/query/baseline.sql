-- Sortition: what the metric {{quote .Q.Metric.Key}} is without a treatment, and how many units of type {{quote .Q.Unit}} are new,
-- from {{.Q.Since.UTC.Format "2006-01-02T15:04:05Z"}} on. One row. Runs as it is in {{.Dialect.Name}}.
WITH
-- A unit is new with its first exposure since then{{if .Q.Experiment}} to the experiment{{else}}, to any experiment{{end}}.
units AS (
    SELECT
        unit_hash,
        min(time) AS first_exposure,
        min(variant) AS variant
    FROM {{.Dialect.Exposures}}
    WHERE unit = {{literal .Q.Unit}} AND NOT override AND {{millis "time"}} >= {{.Q.Since.UnixMilli}}
{{- if .Q.Experiment}}
        AND experiment = {{literal .Q.Experiment}}
{{- end}}
    GROUP BY unit_hash
),

-- An outcome that was delivered twice is one outcome.
outcomes AS (
    SELECT
        any_value(unit_hash) AS unit_hash,
        any_value(properties) AS properties,
        min(time) AS time
    FROM {{.Dialect.Outcomes}}
    WHERE unit = {{literal .Q.Unit}} AND event = {{literal .Q.Metric.Event}}
    GROUP BY id
),

amounts AS (
    SELECT
        unit_hash, time,
{{- if .Q.Metric.Value}}
        {{number "properties" (path .Q.Metric.Value)}} AS amount
{{- else}}
        1 AS amount
{{- end}}
    FROM outcomes
),

unit_values AS (
    SELECT
        u.unit_hash,
{{- if .Q.Metric.Value}}
        coalesce(sum(a.amount) FILTER (abs(a.amount) <= {{.MaxAmount}}), 0) AS value
{{- else}}
        least(count(a.amount), 1) AS value
{{- end}}
    FROM units AS u
    LEFT JOIN amounts AS a ON a.unit_hash = u.unit_hash AND a.time >= u.first_exposure
{{- if .Q.Control}}
    WHERE u.variant = {{literal .Q.Control}}
{{- end}}
    GROUP BY u.unit_hash
)

SELECT
    (SELECT count(*) FROM units) AS units,
    (SELECT {{millis "min(first_exposure)"}} FROM units) AS first_exposure_ms,
    (SELECT avg(value) FROM unit_values) AS mean,
    (SELECT stddev_samp(value) FROM unit_values) AS deviation;
