"""Files given in the browser."""

from __future__ import annotations

import django.db.models.deletion
import tenure.kernel.clock
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("desk", "0003_admin"),
    ]

    operations = [
        migrations.CreateModel(
            name="Upload",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("at", models.DateTimeField(default=tenure.kernel.clock.now, editable=False)),
                ("source", models.CharField(max_length=100)),
                ("files", models.JSONField(default=list)),
                ("mapping_id", models.CharField(blank=True, default="", max_length=200)),
                ("mapping_text", models.TextField(blank=True, default="")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("open", "not imported yet"),
                            ("committing", "being imported"),
                            ("done", "imported"),
                            ("failed", "refused as a whole"),
                        ],
                        default="open",
                        max_length=12,
                    ),
                ),
                ("step", models.CharField(blank=True, default="", max_length=40)),
                ("share", models.FloatField(default=0.0)),
                ("said", models.TextField(blank=True, default="")),
                ("number", models.IntegerField(null=True)),
                ("corrects", models.IntegerField(null=True)),
                ("ended_at", models.DateTimeField(null=True)),
                ("gone_at", models.DateTimeField(null=True)),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="uploads",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["-at"],
                "indexes": [
                    models.Index(fields=["source", "-at"], name="uploads_of_source"),
                    models.Index(fields=["number"], name="uploads_by_import"),
                ],
            },
        ),
    ]
