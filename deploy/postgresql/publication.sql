-- What sysops publishes: one table, its agreed columns. A column that is added later does not leave by itself.
CREATE PUBLICATION support_contracts
    FOR TABLE support_contract (code, name, description, monthly_price_cents, currency)
    WITH (publish = 'insert, update, delete, truncate');
