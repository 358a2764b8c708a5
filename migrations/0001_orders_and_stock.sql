-- Text keys sort by bytes (COLLATE "C"), so that every process takes its locks in the same order
-- whatever its locale. Amounts stay within what JavaScript holds exactly (2^53 - 1).

-- The register: an order id is decided here once and for ever.
CREATE TABLE orders (
  order_id       text COLLATE "C" PRIMARY KEY,
  origin         text NOT NULL,
  digest         text NOT NULL,
  digest_version integer NOT NULL,
  received_at    timestamptz NOT NULL,
  started_at     timestamptz
);

-- Messages that intake refused, each origin once.
CREATE TABLE refusals (
  origin_digest text COLLATE "C" PRIMARY KEY,
  kind          text NOT NULL,
  order_id      text,
  at            timestamptz NOT NULL
);

CREATE TABLE products (
  product_code text COLLATE "C" PRIMARY KEY,
  price        bigint NOT NULL CHECK (price BETWEEN 0 AND 9007199254740991),
  currency     text NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
  on_hand      bigint NOT NULL CHECK (on_hand <= 9007199254740991),
  reserved     bigint NOT NULL DEFAULT 0,
  CONSTRAINT never_oversold CHECK (0 <= reserved AND reserved <= on_hand)
) WITH (fillfactor = 70);

-- Every change of on_hand; their sum is on_hand. Rows are only ever added.
CREATE TABLE stock_movements (
  movement_id     bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  product_code    text COLLATE "C" NOT NULL REFERENCES products,
  kind            text NOT NULL CHECK (kind IN ('received', 'adjusted', 'shipped')),
  quantity        bigint NOT NULL CHECK (quantity <> 0),
  at              timestamptz NOT NULL DEFAULT now(),
  idempotency_key text UNIQUE,
  CONSTRAINT kind_gives_sign CHECK (
    kind = 'adjusted' OR (kind = 'received' AND quantity > 0) OR (kind = 'shipped' AND quantity < 0)
  )
);

-- The header is the gate of an order: whoever inserts it decides, everyone else reads it.
CREATE TABLE reservations (
  order_id   text COLLATE "C" PRIMARY KEY,
  status     text NOT NULL CHECK (status IN ('short', 'reserved', 'released', 'shipped')),
  outcome    jsonb,
  expires_at timestamptz,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT outcome_of_status CHECK (
    status IN ('released', 'shipped') OR coalesce(outcome ->> 'status' = status, false)
  )
) WITH (fillfactor = 70);

-- What an order holds, one row per product. Live while the header's status is reserved. No foreign keys:
-- header and products are locked by the very transaction that writes lines, and checking them again line
-- by line would halve the throughput; the stock audit finds a line without its product.
CREATE TABLE reservation_lines (
  order_id     text COLLATE "C",
  product_code text COLLATE "C",
  quantity     bigint NOT NULL CHECK (quantity > 0),
  PRIMARY KEY (order_id, product_code)
);
