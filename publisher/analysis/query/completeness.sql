-- Sortition: completeness of the exposures, over all experiments. A host numbers its
-- exposures from 1 after each start, so a number that is missing below the highest is
-- an exposure that is lost or still on its way.
WITH
boots AS (
    SELECT source, boot, max(seq) AS emitted, count(DISTINCT seq) AS stored
    FROM {{.Dialect.Exposures}}
    GROUP BY source, boot
)
SELECT
    TRY_CAST(coalesce(sum(emitted), 0) AS BIGINT) AS emitted,
    TRY_CAST(coalesce(sum(stored), 0) AS BIGINT) AS stored
FROM boots;
