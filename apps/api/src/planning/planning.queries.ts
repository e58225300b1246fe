import type { DemandSource } from '@coldchain/api-contract';
import type { OrganisationTransaction } from '@coldchain/database';
import type { Frequency, VenClass } from '@coldchain/forecast';

/** How an organisation plans. */
export interface PlanningSetting {
  readonly frequency: Frequency;
  readonly horizon: number;
  readonly decommissionsAre: 'dispensed' | 'delivered';
}

/** What holds while nobody has said anything. */
const DEFAULT_SETTING: PlanningSetting = { frequency: 'week', horizon: 13, decommissionsAre: 'dispensed' };

export async function planningSetting(transaction: OrganisationTransaction): Promise<PlanningSetting> {
  const [row] = await transaction.query<PlanningSetting>(
    `SELECT frequency, horizon::integer, decommissions_are AS "decommissionsAre" FROM planning_setting`,
  );
  return row ?? DEFAULT_SETTING;
}

export async function setPlanning(transaction: OrganisationTransaction, setting: PlanningSetting): Promise<void> {
  await transaction.query(
    `INSERT INTO planning_setting (organisation_id, frequency, horizon, decommissions_are) VALUES ($1, $2, $3, $4)
     ON CONFLICT (organisation_id) DO UPDATE SET frequency = excluded.frequency, horizon = excluded.horizon,
       decommissions_are = excluded.decommissions_are`,
    [transaction.organisationId, setting.frequency, setting.horizon, setting.decommissionsAre],
  );
}

/** A pack of an article. */
export interface ArticlePack {
  readonly gtin: string;
  readonly baseUnits: number;
  readonly packsPerCase: number;
  readonly role: 'current' | 'predecessor' | 'substitute';
}

/** An article with its packs; days and base units. */
export interface Article {
  readonly code: string;
  readonly substance: string;
  readonly strength: string;
  readonly form: string;
  readonly baseUnit: string;
  readonly ven: VenClass;
  readonly service: number | null;
  readonly leadTimeDays: number;
  readonly leadTimeSpreadDays: number;
  readonly reviewDays: number;
  readonly minimumRemainingDays: number;
  readonly minimumOrder: number;
  /** Money for a base unit; null: not told. */
  readonly unitPrice: number | null;
  readonly packs: readonly ArticlePack[];
}

const SELECT_ARTICLE = `
  SELECT a.code, a.substance, a.strength, a.form, a.base_unit AS "baseUnit", a.ven, a.service::float8 AS service,
         a.lead_time_days::float8 AS "leadTimeDays", a.lead_time_spread_days::float8 AS "leadTimeSpreadDays",
         a.review_days::float8 AS "reviewDays", a.minimum_remaining_days::float8 AS "minimumRemainingDays",
         a.minimum_order::float8 AS "minimumOrder", a.unit_price::float8 AS "unitPrice",
         (SELECT coalesce(jsonb_agg(jsonb_build_object('gtin', p.gtin, 'baseUnits', p.base_units::float8,
                                    'packsPerCase', p.packs_per_case, 'role', p.role) ORDER BY p.gtin), '[]')
          FROM article_pack p WHERE p.organisation_id = a.organisation_id AND p.article = a.code) AS packs
  FROM article a`;

/** Articles after a code, by code. */
export function articlesAfter(
  transaction: OrganisationTransaction,
  after: string | null,
  count: number,
): Promise<Article[]> {
  return transaction.query<Article>(
    `${SELECT_ARTICLE} WHERE $1::text IS NULL OR a.code COLLATE "C" > $1 ORDER BY a.code COLLATE "C" LIMIT $2`,
    [after, count],
  );
}

/** Articles by their codes. */
export function articlesOf(transaction: OrganisationTransaction, codes: readonly string[]): Promise<Article[]> {
  return transaction.query<Article>(`${SELECT_ARTICLE} WHERE a.code = ANY ($1)`, [codes]);
}

/** Articles of the substances, strengths and forms of some, these among them. */
export function articlesLike(transaction: OrganisationTransaction, codes: readonly string[]): Promise<Article[]> {
  return transaction.query<Article>(
    `${SELECT_ARTICLE}
     WHERE EXISTS (SELECT FROM article x WHERE x.code = ANY ($1) AND lower(trim(x.substance)) = lower(trim(a.substance))
                     AND lower(trim(x.strength)) = lower(trim(a.strength)) AND lower(trim(x.form)) = lower(trim(a.form)))`,
    [codes],
  );
}

/** The article that a pack belongs to. */
export async function articleOfPack(transaction: OrganisationTransaction, gtin: string): Promise<string | undefined> {
  const [row] = await transaction.query<{ article: string }>('SELECT article FROM article_pack WHERE gtin = $1', [
    gtin,
  ]);
  return row?.article;
}

/** Replaces an article and its packs; the packs that belong to another one, and then nothing is written. */
export async function setArticle(transaction: OrganisationTransaction, article: Article): Promise<string[]> {
  const gtins = article.packs.map(({ gtin }) => gtin);
  const taken = await transaction.query<{ gtin: string }>(
    'SELECT gtin FROM article_pack WHERE gtin = ANY ($1) AND article <> $2 ORDER BY gtin',
    [gtins, article.code],
  );
  if (taken.length > 0) return taken.map(({ gtin }) => gtin);
  await transaction.query(
    `INSERT INTO article (organisation_id, code, substance, strength, form, base_unit, ven, service, lead_time_days,
                          lead_time_spread_days, review_days, minimum_remaining_days, minimum_order,
                          unit_price)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
     ON CONFLICT (organisation_id, code) DO UPDATE SET substance = excluded.substance, strength = excluded.strength,
       form = excluded.form, base_unit = excluded.base_unit, ven = excluded.ven, service = excluded.service,
       lead_time_days = excluded.lead_time_days, lead_time_spread_days = excluded.lead_time_spread_days,
       review_days = excluded.review_days, minimum_remaining_days = excluded.minimum_remaining_days,
       minimum_order = excluded.minimum_order, unit_price = excluded.unit_price`,
    [
      transaction.organisationId,
      article.code,
      article.substance,
      article.strength,
      article.form,
      article.baseUnit,
      article.ven,
      article.service,
      article.leadTimeDays,
      article.leadTimeSpreadDays,
      article.reviewDays,
      article.minimumRemainingDays,
      article.minimumOrder,
      article.unitPrice,
    ],
  );
  await transaction.query('DELETE FROM article_pack WHERE article = $1', [article.code]);
  await transaction.query(
    `INSERT INTO article_pack (organisation_id, article, gtin, base_units, packs_per_case, role)
     SELECT $1, $2, * FROM unnest($3::text[], $4::numeric[], $5::integer[], $6::text[])`,
    [
      transaction.organisationId,
      article.code,
      gtins,
      article.packs.map(({ baseUnits }) => baseUnits),
      article.packs.map(({ packsPerCase }) => packsPerCase),
      article.packs.map(({ role }) => role),
    ],
  );
  return [];
}

/** Sets what base units cost; the articles that there are none of, and how many prices became another one. */
export async function setPrices(
  transaction: OrganisationTransaction,
  prices: readonly { readonly article: string; readonly unitPrice: number | null }[],
): Promise<{ readonly unknown: ReadonlySet<string>; readonly changed: number }> {
  const codes = prices.map(({ article }) => article);
  const unknown = await transaction.query<{ code: string }>(
    'SELECT code FROM unnest($1::text[]) AS named (code) WHERE NOT EXISTS (SELECT FROM article a WHERE a.code = named.code)',
    [codes],
  );
  if (unknown.length > 0) return { unknown: new Set(unknown.map(({ code }) => code)), changed: 0 };
  const changed = await transaction.query(
    `UPDATE article a SET unit_price = named.price
     FROM unnest($1::text[], $2::numeric[]) AS named (code, price)
     WHERE a.organisation_id = $3 AND a.code = named.code AND a.unit_price IS DISTINCT FROM named.price RETURNING 1`,
    [codes, prices.map(({ unitPrice }) => unitPrice), transaction.organisationId],
  );
  return { unknown: new Set(), changed: changed.length };
}

/** A product (code of an article, or a GTIN that belongs to none) at a site: what is planned. */
export interface PlanningKey {
  readonly product: string;
  readonly site: string;
}

/** Every product and site that any demand is known of, by product and site. */
export async function planningKeys(
  transaction: OrganisationTransaction,
  only: { readonly products?: readonly string[] | undefined; readonly site?: string | undefined },
): Promise<PlanningKey[]> {
  const { products = null, site = null } = only;
  const articles = products === null ? [] : await articlesOf(transaction, products);
  const packs = articles.flatMap((article) => article.packs.map(({ gtin }) => gtin));
  const counted = products === null ? null : [...products, ...packs];
  return transaction.query<PlanningKey>(
    `SELECT DISTINCT coalesce(a.article, k.product) COLLATE "C" AS product, k.site COLLATE "C" AS site
     FROM (SELECT product, site FROM demand_series s
           WHERE ($4::text[] IS NULL OR product = ANY ($4))
             AND EXISTS (SELECT FROM demand_row r JOIN demand_import i ON i.id = r.import_id
                         WHERE r.series_id = s.id AND i.completed_at IS NOT NULL)
           UNION
           SELECT m.gtin, o.gln FROM goods_movement m JOIN organisation o ON o.id = m.organisation_id
           WHERE $4::text[] IS NULL OR m.gtin = ANY ($4)
           UNION
           SELECT b.gtin, o.gln FROM batch b CROSS JOIN organisation o
           WHERE o.id = $1 AND ($4::text[] IS NULL OR b.gtin = ANY ($4))
             AND EXISTS (SELECT FROM custody_event_object x JOIN custody_event e ON e.id = x.event_id
                         WHERE x.object_key = b.batch_key AND e.command = 'decommissionPack' AND e.organisation_id = $1)) k
     LEFT JOIN article_pack a ON a.gtin = k.product
     WHERE ($2::text[] IS NULL OR coalesce(a.article, k.product) = ANY ($2)) AND ($3::text IS NULL OR k.site = $3)
     ORDER BY 1, 2`,
    [transaction.organisationId, products, site, counted],
  );
}

/** Demand of a product as it is known: what events tell of a day, what an import has of a period. */
export interface DemandRow {
  /** A GTIN, or the code of an article. */
  readonly product: string;
  readonly site: string;
  readonly source: DemandSource;
  readonly origin: 'events' | 'import';
  readonly firstDay: string;
  readonly lastDay: string;
  readonly rows: number;
  /** Packs of a GTIN, base units of an article; null: a part of it is not known. */
  readonly quantity: number | null;
  readonly available: number;
}

/** Demand of products before a day. Weeks begin on Monday, days are those of UTC. */
export function demandOf(
  transaction: OrganisationTransaction,
  products: readonly string[],
  frequency: Frequency,
  until: string,
): Promise<DemandRow[]> {
  return transaction.query<DemandRow>(
    `SELECT product, site, source, origin, "firstDay", "lastDay", rows, quantity, available
     FROM (SELECT d.gtin AS product, o.gln AS site, d.source, 'events' AS origin, d.day AS "firstDay", d.day AS "lastDay",
                  count(*)::integer AS rows, sum(d.packs)::float8 AS quantity, 1::float8 AS available
           FROM (SELECT *, (at AT TIME ZONE 'UTC')::date AS day FROM demand_event) d
           JOIN organisation o ON o.id = d.organisation_id
           WHERE d.gtin = ANY ($1) AND d.organisation_id = $4 AND d.at < $3::date AT TIME ZONE 'UTC'
           GROUP BY d.gtin, o.gln, d.source, d.day
           UNION ALL
           SELECT d.product, d.site, d.source, 'import', min(d.day), max(d.day), count(*)::integer,
                  CASE WHEN count(*) = count(d.quantity) THEN sum(d.quantity) END, avg(d.available)::float8
           FROM demand_imported d WHERE d.product = ANY ($1) AND d.day < $3::date
           GROUP BY d.product, d.site, d.source, date_trunc($2, d.day::timestamp)) known
     ORDER BY product, site, source, "firstDay", origin`,
    [products, frequency, until, transaction.organisationId],
  );
}

/** What happened to the stock of a product on one day, in packs. */
export interface StockChangeRow {
  readonly gtin: string;
  readonly site: string;
  readonly day: string;
  readonly change: number;
  readonly added: number;
}

/** Changes of stock before a day, at the place of the organisation. */
export function stockChangesOf(
  transaction: OrganisationTransaction,
  gtins: readonly string[],
  until: string,
): Promise<StockChangeRow[]> {
  return transaction.query<StockChangeRow>(
    `SELECT c.gtin, o.gln AS site, (c.at AT TIME ZONE 'UTC')::date AS day, sum(c.packs)::float8 AS change,
            sum(greatest(c.packs, 0))::float8 AS added
     FROM stock_change c JOIN organisation o ON o.id = c.organisation_id
     WHERE c.gtin = ANY ($1) AND c.organisation_id = $3 AND c.at < $2::date AT TIME ZONE 'UTC' GROUP BY 1, 2, 3
     ORDER BY 1, 2, 3`,
    [gtins, until, transaction.organisationId],
  );
}
