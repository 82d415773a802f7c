"""Table of what is entered about plans."""

import django.db.models.deletion
import tenure.kernel.clock
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("desk", "0004_imports"),
    ]

    operations = [
        migrations.CreateModel(
            name="Entered",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("act", models.UUIDField(db_index=True)),
                ("account_id", models.TextField()),
                ("table", models.CharField(max_length=40)),
                ("row", models.TextField()),
                ("content", models.JSONField()),
                ("before", models.JSONField(null=True)),
                ("source_said", models.JSONField(null=True)),
                ("overtaken", models.JSONField(default=dict)),
                ("refused_said", models.TextField(blank=True, default="")),
                ("at", models.DateTimeField(default=tenure.kernel.clock.now, editable=False)),
                ("taken_back_at", models.DateTimeField(editable=False, null=True)),
                ("in_lake_at", models.DateTimeField(editable=False, null=True)),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="entered",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "taken_back_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="took_back",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["id"],
                "indexes": [
                    models.Index(fields=["table", "row"], name="entered_row"),
                    models.Index(fields=["account_id", "-id"], name="entered_on_account"),
                    models.Index(
                        condition=models.Q(("in_lake_at__isnull", True)),
                        fields=["id"],
                        name="entered_to_send",
                    ),
                ],
            },
        ),
    ]
