-- What lies where. A product's stock is the sum over its locations, and the product's row is the lock of
-- all of it: whoever changes its stock or its queue holds that row.
CREATE TABLE stock (
  product_code text COLLATE "C" REFERENCES products,
  location     text COLLATE "C",
  on_hand      bigint NOT NULL CHECK (on_hand <= 9007199254740991),
  reserved     bigint NOT NULL DEFAULT 0,
  PRIMARY KEY (product_code, location),
  CONSTRAINT never_oversold CHECK (0 <= reserved AND reserved <= on_hand)
) WITH (fillfactor = 70);

INSERT INTO stock (product_code, location, on_hand, reserved)
SELECT product_code, 'main', on_hand, reserved FROM products;

ALTER TABLE stock_movements ADD COLUMN location text COLLATE "C" NOT NULL DEFAULT 'main';
ALTER TABLE stock_movements ALTER COLUMN location DROP DEFAULT;

-- back_ordered: the pieces that waiting orders want. Of these, the pieces of the orders up to the position
-- covered_until are covered: what is on hand and not reserved is theirs.
ALTER TABLE products
  DROP COLUMN on_hand,
  DROP COLUMN reserved,
  ADD COLUMN back_ordered  bigint NOT NULL DEFAULT 0,
  ADD COLUMN covered       bigint NOT NULL DEFAULT 0,
  ADD COLUMN covered_until bigint NOT NULL DEFAULT 0,
  ADD CONSTRAINT covered_of_back_ordered CHECK (0 <= covered AND covered <= back_ordered);

-- What waiting orders want, one row per order and product, in the order in which they are served.
CREATE TABLE back_orders (
  position     bigint GENERATED ALWAYS AS IDENTITY,
  order_id     text COLLATE "C",
  product_code text COLLATE "C",
  quantity     bigint NOT NULL CHECK (quantity > 0),
  PRIMARY KEY (order_id, product_code)
);
CREATE UNIQUE INDEX back_order_queue ON back_orders (product_code, position);

-- Orders of which something has been covered, until someone has looked whether all of it is and told them.
CREATE TABLE wake_ups (
  wake_up_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  order_id   text COLLATE "C" NOT NULL,
  due_at     timestamptz NOT NULL DEFAULT now()
);

-- quote: unit prices and total as they were when the order began to wait.
ALTER TABLE reservations
  DROP CONSTRAINT reservations_status_check,
  ADD CONSTRAINT reservations_status_check
    CHECK (status IN ('short', 'reserved', 'waiting', 'released', 'shipped')),
  ADD COLUMN quote jsonb,
  ADD CONSTRAINT quote_while_waiting CHECK ((quote IS NOT NULL) = (status = 'waiting'));

CREATE INDEX reservations_by_expiry ON reservations (expires_at) WHERE expires_at IS NOT NULL;

-- Each shipment of an order takes what lies at one location. A line is live while it is held.
ALTER TABLE reservation_lines
  ADD COLUMN shipment text COLLATE "C" NOT NULL DEFAULT '1',
  ADD COLUMN location text COLLATE "C" NOT NULL DEFAULT 'main',
  ADD COLUMN state    text NOT NULL DEFAULT 'held' CHECK (state IN ('held', 'shipped', 'returned')),
  DROP CONSTRAINT reservation_lines_pkey,
  ADD PRIMARY KEY (order_id, shipment, product_code);
ALTER TABLE reservation_lines
  ALTER COLUMN shipment DROP DEFAULT,
  ALTER COLUMN location DROP DEFAULT;

UPDATE reservation_lines SET state = 'returned'
FROM reservations
WHERE reservations.order_id = reservation_lines.order_id AND status <> 'reserved';

UPDATE reservations
SET outcome = outcome || jsonb_build_object('parcels', jsonb_build_array(jsonb_build_object(
      'shipment', '1', 'location', 'main', 'products', held.products)))
FROM (SELECT order_id, jsonb_agg(jsonb_build_object('productCode', product_code, 'quantity', quantity)
                                 ORDER BY product_code) AS products
      FROM reservation_lines WHERE state = 'held' GROUP BY order_id) AS held
WHERE reservations.order_id = held.order_id;
