# An API, roles, a group, service accounts, what they hold and how they prove who they are, as code.
#
# No provider is needed: terraform_data is built in, and countersign.sh calls the management API. The
# secret of the account that this runs as is in the environment alone. The secrets of the accounts below
# never come here: they are made where they are used, and only their hashes are registered.

terraform {
  required_version = ">= 1.4"
}

variable "audience" {
  description = "the identifier of the API that the accounts call"
  type        = string
}

variable "accounts" {
  description = "service accounts by name: what each is for, its roles and its groups, and whether it is enabled, if that is decided here"
  type = map(object({
    description = string
    enabled     = optional(bool)
    roles       = optional(list(string), [])
    groups      = optional(list(string), [])
  }))
}

variable "credentials" {
  description = "what `countersign secret generate` gives to register, by a name of your choice"
  type        = map(object({ account = string, handle = string, hash = string }))
  default     = {}
}

variable "converge" {
  description = "any new value makes everything again, over what was changed elsewhere"
  type        = string
  default     = ""
}

variable "adopt" {
  description = "whether what has a wanted name already, and was made elsewhere, is taken over: it is changed as wanted here, and removed with the rest"
  type        = bool
  default     = false
}

locals {
  tool = abspath("${path.module}/../shell/countersign.sh")

  roles = {
    Builder = ["builds:read", "builds:write"]
    Observer = ["builds:read"]
  }
  groups = { Watchers = { description = "Whoever only looks", roles = ["Observer"] } }

  granted = merge(
    merge([for name, group in local.groups : {
      for role in group.roles : "group/${name}/${role}" => [role, "group", name]
    }]...),
    merge([for name, account in var.accounts : {
      for role in account.roles : "account/${name}/${role}" => [role, "account", name]
    }]...),
  )
  members = merge([for name, account in var.accounts : {
    for group in account.groups : "${group}/${name}" => [group, name]
  }]...)
}

module "api" {
  source   = "./modules/object"
  tool     = local.tool
  converge = var.converge
  adopt    = var.adopt
  undo     = ["remove", "apis", "Builds"]
  make = ["ensure", "apis", jsonencode({
    name     = "Builds"
    audience = var.audience
    permissions = [
      { permission = "builds:read", description = "See builds" },
      { permission = "builds:write", description = "Make builds" },
    ]
  })]
}

module "role" {
  source     = "./modules/object"
  for_each   = local.roles
  depends_on = [module.api]
  tool       = local.tool
  converge   = var.converge
  adopt      = var.adopt
  undo       = ["remove", "roles", each.key]
  make = ["ensure", "roles", jsonencode({
    name        = each.key
    permissions = [{ audience = var.audience, permissions = each.value }]
  })]
}

module "group" {
  source   = "./modules/object"
  for_each = local.groups
  tool     = local.tool
  converge = var.converge
  adopt    = var.adopt
  undo     = ["remove", "groups", each.key]
  make = ["ensure", "groups", jsonencode({
    name        = each.key
    description = each.value.description
  })]
}

module "account" {
  source   = "./modules/object"
  for_each = var.accounts
  tool     = local.tool
  converge = var.converge
  adopt    = var.adopt
  undo     = ["remove", "service-accounts", each.key]
  # What is not said stays: an account that was disabled in an emergency is not enabled from here.
  make = ["ensure", "service-accounts", jsonencode({
    for member, value in {
      name        = each.key
      description = each.value.description
      enabled     = each.value.enabled
    } : member => value if value != null
  })]
}

module "member" {
  source     = "./modules/object"
  for_each   = local.members
  depends_on = [module.group, module.account]
  tool       = local.tool
  converge   = var.converge
  adopt      = var.adopt
  make       = concat(["join"], each.value)
  undo       = concat(["leave"], each.value)
}

module "granted" {
  source     = "./modules/object"
  for_each   = local.granted
  depends_on = [module.role, module.group, module.account]
  tool       = local.tool
  converge   = var.converge
  adopt      = var.adopt
  make       = concat(["grant"], each.value)
  undo       = concat(["withdraw"], each.value)
}

module "credential" {
  source     = "./modules/object"
  for_each   = var.credentials
  depends_on = [module.account]
  tool       = local.tool
  converge   = var.converge
  adopt      = var.adopt
  undo       = ["unregister", each.value.account, each.value.handle]
  make = ["register", each.value.account, jsonencode({
    name   = each.key
    handle = each.value.handle
    hash   = each.value.hash
  })]
}
