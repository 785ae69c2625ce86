-- +goose Up

-- In which payout the money of an earlier one, which came back, leaves again.
CREATE INDEX payout_rows_returned ON payout_rows (source) WHERE kind = 'returned';
