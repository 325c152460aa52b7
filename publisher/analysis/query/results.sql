-- Sortition: results of experiment {{quote .X.Key}}, phase {{.X.Phase}}, unit {{quote .X.Unit}}.
-- One row for each variant and metric. Runs as it is in {{.Dialect.Name}}.
WITH
variants(position, variant) AS (
    VALUES
{{- range $i, $v := .X.Variants}}
        ({{row $i}}, {{literal $v.Key}}){{comma $i (len $.X.Variants)}}
{{- end}}
),

-- The event that each metric counts and the property that it sums. A conversion
-- sums nothing: it counts the units that have the event.
metrics(position, metric, event, property) AS (
    VALUES
{{- range $i, $m := .X.Metrics}}
        ({{row $i}}, {{literal $m.Key}}, {{literal $m.Event}}, {{path $m.Value}}){{comma $i (len $.X.Metrics)}}
{{- end}}
),

-- An exposure that was delivered twice is one exposure.
exposures AS (
    SELECT
        any_value(variant) AS variant,
        any_value(unit_hash) AS unit_hash,
        any_value(override) AS override,
        min(time) AS time,
        count(*) AS deliveries
    FROM {{.Dialect.Exposures}}
    WHERE experiment = {{literal .X.Key}} AND phase = {{.X.Phase}} AND unit = {{literal .X.Unit}}
    GROUP BY source, boot, seq
),

-- A unit enters with its first exposure. Override lists are for testing: not counted.
units AS (
    SELECT
        unit_hash,
        min(variant) AS variant,
        count(DISTINCT variant) AS variants,
        min(time) AS first_exposure,
        count(*) AS exposures
    FROM exposures
    WHERE NOT override
    GROUP BY unit_hash
),

-- A unit that saw two variants counts for neither.
assigned AS (
    SELECT unit_hash, variant, first_exposure, exposures
    FROM units
    WHERE variants = 1
),

-- An outcome that was delivered twice is one outcome.
outcomes AS (
    SELECT
        any_value(event) AS event,
        any_value(unit_hash) AS unit_hash,
        any_value(properties) AS properties,
        min(time) AS time
    FROM {{.Dialect.Outcomes}}
    WHERE unit = {{literal .X.Unit}} AND event IN (SELECT event FROM metrics)
    GROUP BY id
),

-- The number that each outcome brings to each metric of its event; NULL if it has none.
numbers AS (
    SELECT
        metric, property, unit_hash, time,
        {{number "properties" "property"}} AS number
    FROM outcomes JOIN metrics USING (event)
),

-- The amount that each outcome adds. A conversion needs no number. A number above the limit
-- is an error of the sender.
amounts AS (
    SELECT
        metric, unit_hash, time,
        CASE
            WHEN property IS NULL THEN 1
            WHEN abs(number) <= {{.MaxAmount}} THEN number
        END AS amount
    FROM numbers
),

-- One value for each unit and metric. Outcomes before the first exposure do not count.
unit_values AS (
    SELECT
        u.variant, m.metric, u.unit_hash,
        count(a.metric) AS outcomes,
        count(a.amount) AS counted,
        CASE
            WHEN m.property IS NULL THEN least(count(a.amount), 1)
            ELSE coalesce(sum(a.amount), 0)
        END AS value
    FROM assigned AS u
    CROSS JOIN metrics AS m
    LEFT JOIN amounts AS a
        ON a.unit_hash = u.unit_hash AND a.metric = m.metric AND a.time >= u.first_exposure
    GROUP BY u.variant, m.metric, m.property, u.unit_hash
),

statistics AS (
    SELECT
        variant, metric,
        count(*) FILTER (counted > 0) AS conversions,
        avg(value) AS mean,
        var_samp(value) AS variance,
        sum(outcomes - counted) AS unreadable_outcomes
    FROM unit_values
    GROUP BY variant, metric
),

sizes AS (
    SELECT variant, count(*) AS units, sum(exposures) AS exposures
    FROM assigned
    GROUP BY variant
),

data AS (
    SELECT
        (SELECT sum(deliveries - 1) FROM exposures) AS duplicate_exposures,
        (SELECT count(*) FROM exposures WHERE override) AS override_exposures,
        (SELECT count(*) FROM units WHERE variants > 1) AS conflicting_units,
        (SELECT count(*) FROM assigned ANTI JOIN variants USING (variant)) AS undeclared_units,
        (SELECT {{millis "min(time)"}} FROM exposures WHERE NOT override) AS first_exposure_ms,
        (SELECT {{millis "max(time)"}} FROM exposures WHERE NOT override) AS last_exposure_ms
)

SELECT
    v.variant,
    m.metric,
    CAST(coalesce(s.exposures, 0) AS BIGINT) AS exposures,
    coalesce(s.units, 0) AS units,
    coalesce(t.conversions, 0) AS conversions,
    coalesce(t.mean, 0) AS mean,
    coalesce(t.variance, 0) AS variance,
    CAST(coalesce(t.unreadable_outcomes, 0) AS BIGINT) AS unreadable_outcomes,
    CAST(coalesce(d.duplicate_exposures, 0) AS BIGINT) AS duplicate_exposures,
    d.override_exposures,
    d.conflicting_units,
    d.undeclared_units,
    d.first_exposure_ms,
    d.last_exposure_ms
FROM variants AS v
CROSS JOIN metrics AS m
CROSS JOIN data AS d
LEFT JOIN sizes AS s ON s.variant = v.variant
LEFT JOIN statistics AS t ON t.variant = v.variant AND t.metric = m.metric
ORDER BY v.position, m.position;
