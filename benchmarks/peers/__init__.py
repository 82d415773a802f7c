"""The same usage numbers by Tenure and by other hands: DuckDB SQL, PostgreSQL, pandas."""
