# One thing of an organization: how it is made as wanted, and how it is taken away.
#
# Two resources, since what is changed in place must not go away meanwhile, and keeps its id: `kept` is
# replaced only if something else is wanted, `state` by every change.

variable "tool" {
  description = "the program that both are arguments of"
  type        = string
}

variable "make" {
  description = "brings it to the wanted state; may be repeated"
  type        = list(string)
}

variable "undo" {
  description = "takes it away; may be repeated"
  type        = list(string)
}

variable "converge" {
  description = "any new value makes it again, over what was changed elsewhere"
  type        = string
}

variable "adopt" {
  description = "whether it may be there already, made elsewhere"
  type        = bool
}

locals {
  # Something found by its name may be somebody else's, and from the first apply on `undo` takes it away.
  # Memberships and granted roles are of what was made or adopted here.
  claim = var.adopt || var.undo[0] != "remove" ? ["true"] : [var.tool, "absent", var.undo[1], var.undo[2]]
}

# The last argument is the command and those before it are the interpreter: no shell reads them.
resource "terraform_data" "kept" {
  input            = concat([var.tool], var.undo)
  triggers_replace = var.undo

  # If this fails, the resource is tainted, and what is tainted goes without what is below.
  provisioner "local-exec" {
    interpreter = slice(local.claim, 0, length(local.claim) - 1)
    command     = local.claim[length(local.claim) - 1]
  }

  provisioner "local-exec" {
    when        = destroy
    interpreter = slice(self.output, 0, length(self.output) - 1)
    command     = self.output[length(self.output) - 1]
  }
}

resource "terraform_data" "state" {
  triggers_replace = [terraform_data.kept.id, var.make, var.converge]

  provisioner "local-exec" {
    interpreter = concat([var.tool], slice(var.make, 0, length(var.make) - 1))
    command     = var.make[length(var.make) - 1]
  }
}

output "id" {
  description = "known once it is there, for what depends on it"
  value       = terraform_data.state.id
}
