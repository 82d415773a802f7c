"""Our rules for product-qualified accounts, one file each."""
